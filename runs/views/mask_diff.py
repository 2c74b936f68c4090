"""What changes from one certification file to another, and what it costs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.access import reader_required
from project.errors import UserError
from project.sparks import bar
from runs.golden.operands import Operand, operand, spec_of
from runs.golden.reading import experiments, usual
from runs.golden.workbench import Compared, compare
from runs.masks import RunChange
from runs.masks.parse import spelt
from runs.models import LumiMask

LISTED, RUNS, RANGES = 100, 60, 8


@require_safe
@reader_required
def diff(request: HttpRequest) -> HttpResponse:
    """From ``a`` to ``b``; each is an operand, as on the workbench."""
    asked = request.GET.get("experiment", "").replace("\0", "")[:64]
    experiment = asked or ("CMS" if request.GET else usual(experiments(LISTED)))
    errors: dict[str, str] = {}
    before, after = (_read(request, name, experiment, errors) for name in ("a", "b"))
    context: dict[str, Any] = {"errors": errors, "experiment": experiment, "most": RUNS}
    if before and after:
        context |= _compared(compare(before, after, experiment))
    rows = LumiMask.objects.visible().filter(experiment=experiment).order_by("-id")
    columns = rows.values_list("id", "name", "version")[:LISTED]
    context["versions"] = [(spec_of("mask", mask=pk), f"{name} v{version}") for pk, name, version in columns]
    named = {spec for spec, _ in context["versions"]}
    for name, one in (("a", before), ("b", after)):
        context[name] = request.GET.get(name, "")
        if one and context[name] not in named:
            context["versions"].append((context[name], one.label))
            named.add(context[name])
    return render(request, "runs/mask_diff.html", context, status=400 if errors else 200)


def _read(request: HttpRequest, name: str, experiment: str, errors: dict[str, str]) -> Operand | None:
    spec = request.GET.get(name, "")
    try:
        return operand(spec, experiment) if spec else None
    except (UserError, ValueError) as error:
        errors[name] = str(error)
        return None


def _compared(found: Compared) -> dict[str, Any]:
    changes = found.changes
    top = max((one.lost.recorded for one in changes.runs), default=0.0)
    rows = [_row(one, top, one.run in found.known_runs) for one in changes.runs[:RUNS]]
    return {
        "found": found, "changes": changes, "rows": rows,
        "n_before": len(found.before.mask.runs), "n_after": len(found.after.mask.runs),
        "same": not changes.removed and not changes.added,
    }  # fmt: skip


def _row(one: RunChange, top: float, known: bool) -> dict[str, Any]:
    return {
        "change": one, "known": known, "removed": _spelt(one.removed), "added": _spelt(one.added),
        "bar": bar(one.lost.recorded, top, f"{one.lost.recorded:.4g} pb⁻¹ lost"),
    }  # fmt: skip


def _spelt(parts: list[Any]) -> str:
    more = f" and {len(parts) - RANGES} more" if len(parts) > RANGES else ""
    return ", ".join(spelt(part) for part in parts[:RANGES]) + more
