"""Versions of certification files: the list, one version, its file."""

from itertools import islice
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from project.access import reader_required
from project.filters import natural
from project.listing import Listing
from project.sparks import bar, strip_of
from runs.golden.api import LumiMaskResource, as_file
from runs.golden.operands import operand_of
from runs.golden.reading import known, luminosities
from runs.golden.words import in_words
from runs.masks import LAST, Mask, Range, not_known
from runs.masks.parse import spelt
from runs.models import LumiMask
from runs.states import NOT_JUDGED, Span, overlaid
from runs.views.mask_state import State

COLUMNS = (
    "id", "experiment", "name", "version", "kind", "first_run", "last_run", "n_runs", "n_lumisections",
    "n_without_luminosity", "recorded_luminosity", "recorded_total", "simulated", "owner", "created",
)  # fmt: skip
FILTERS = {"name": "Name", "kind": "Kind", "experiment": "Experiment"}
RUNS, FAULTS = 30, 100


@require_safe
@reader_required
def masks(request: HttpRequest) -> HttpResponse:
    """The versions, newest first."""
    listing = Listing(LumiMaskResource, request.GET, COLUMNS, filters=FILTERS, ordering="-id")
    rows = [_shown(row) for row in listing.rows]
    return render(request, "runs/masks.html", {"listing": listing, "rows": rows}, status=listing.status)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    total = row["recorded_total"]
    share = row["recorded_luminosity"] / total if total > 0 else None
    return row | {
        "share": share,
        "bar": bar(share, 1.0, f"{100 * (share or 0):.1f} %"),
    }


@require_safe
@reader_required
def mask(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: what it holds, where it is from, and its runs."""
    found = version_at(pk)
    held = operand_of(found).mask
    errors: dict[str, str] = {}
    after = _after(request.GET.get("after", ""), errors)
    context = {
        "mask": found, "words": in_words(found.provenance), "parents": list(found.parents.only("name", "version")),
        "children": list(found.children.only("name", "version").order_by("-id")[:20]),
        "before": _before(found), "checked": "check" in request.GET, "errors": errors, "most": FAULTS,
        "work_url": State(of=(f"mask={found.pk}",), experiment=found.experiment).query(), **_page(found, held, after),
    }  # fmt: skip
    if context["checked"]:
        context |= _check(found, held)
    return render(request, "runs/mask.html", context, status=400 if errors else 200)


def version_at(pk: int) -> LumiMask:
    found = LumiMask.objects.visible().select_related("owner").filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def _before(found: LumiMask) -> LumiMask | None:
    same = LumiMask.objects.filter(experiment=found.experiment, name=found.name)
    return same.filter(version=found.version - 1).first()


def _after(text: str, errors: dict[str, str]) -> int:
    try:
        return natural(text, 0, LAST) if text else 0
    except ValueError as error:
        errors["after"] = str(error)
        return 0


def _check(found: LumiMask, held: Mask) -> dict[str, Any]:
    """What of it is not known here now."""
    faults = not_known(held, known(found.experiment, held.runs))
    runs = sum(not fault.range for fault in faults)
    return {"unknown": faults[:FAULTS], "unknown_runs": runs, "unknown_ranges": len(faults) - runs}


def _page(found: LumiMask, held: Mask, after: int) -> dict[str, Any]:
    """Its runs after ``after``, and where the next ones are."""
    shown = held.within(after + 1, LAST)
    numbers = list(islice(shown.runs, RUNS))
    shown = shown.of_runs(numbers)
    there = luminosities(found.experiment, numbers) if numbers else None
    amounts = there.by_run(shown) if there else {}
    total = there.by_run(there.known()) if there else {}
    lumisections = there.known().ranges() if there else {}
    rows = [
        {
            "run": run, "ranges": ", ".join(spelt(part) for part in parts),
            "held": amounts[run], "total": total.get(run),
            "strip": strip_of_run(parts, lumisections.get(run, []), f"run {run}"),
        }
        for run, parts in shown.ranges().items()
    ]  # fmt: skip
    more = numbers[-1] if numbers and held.runs[-1] > numbers[-1] else None
    return {"rows": rows, "next": more, "after": after}


def strip_of_run(held: list[Range], there: list[Range], label: str) -> SafeString:
    """The lumisections that are known, and those that are held; what is not held is not judged by it."""
    ends = [last for _, last in (*held, *there) if last]
    last = max(ends, default=1)
    layers = [Span(first, end or last, NOT_JUDGED) for first, end in there]
    layers += [Span(first, end or last, "good") for first, end in held]
    return strip_of(((one.state, one.last - one.first + 1) for one in overlaid(layers, last)), label)


@require_safe
@reader_required
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, under CMS' own naming."""
    return as_file(version_at(pk))
