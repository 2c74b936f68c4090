"""Pages of trials: what one detector flags, strangest first, and where the line is drawn."""

import math
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from detections import tasks
from detections.api import TrialResource
from detections.models import Comparison, Detection, Label, SampleSet, Trial
from detections.reasons.binnings import binnings_of
from detections.reasons.pictures import pictures
from detections.reasons.seen import seen
from detections.reasons.wording import reasons_in_words
from detections.trials.figures import scores_figure
from detections.views.heavy import HEAVY
from project.access import reader_required, role_required
from project.addresses import numbered
from project.asked import by_key, objects, plain
from project.errors import UserError
from project.jobs.services import run_here
from project.listing import Listing

GRID = 24
"""Detections on one page: with their pictures it stays under 150 kB."""
REASONS = 2
"""Of one detection, the strongest."""
SHOWN = (
    "id", "sample_set", "detector", "params", "state", "reason", "transductive", "offline", "outside", "code_version",
    "n_scored", "threshold", "created",
)  # fmt: skip
FILTERS = {"sample_set": "Sample set", "detector": "Detector", "state": "State", "created__gte": "Since"}


@require_safe
@reader_required
def anomalies(request: HttpRequest) -> HttpResponse:
    """Every trial with the strangest it found."""
    listing = Listing(TrialResource, request.GET, SHOWN, filters=FILTERS)
    ids = [row["id"] for row in listing.rows]
    first = Detection.objects.filter(trial__in=ids, rank=1).only("trial_id", "key", "score")
    tops = {one.trial_id: one for one in first}
    for row in listing.rows:
        row["first"] = tops.get(row["id"])
    simulated = SampleSet.objects.filter(name__in={row["sample_set"] for row in listing.rows}, simulated=True)
    context = {"listing": listing, "simulated": set(simulated.values_list("name", flat=True))}
    return render(request, "detections/anomalies.html", context, status=listing.status)


@require_safe
@reader_required
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """What one detector flags; ``threshold`` in the address looks at another line without drawing it."""
    found = _trial(pk)
    preview = _number(request.GET.get("threshold", ""))
    start = _whole(request.GET.get("from", ""))
    chosen = _strangest(found, start, preview)
    shown, more = chosen[:GRID], len(chosen) > GRID
    top = [score for _, score in found.top]
    context = {
        "trial": found,
        "set": found.sample_set,
        "cards": cards(request, found.sample_set, shown),
        "start": start,
        "next": shown[-1].rank + 1 if more else None,
        "previous": max(start - GRID, 1) if start > 1 else None,
        "preview": preview,
        "figure": scores_figure(found, preview),
        "line": found.threshold if preview is None else preview,
        "top": top,
        "flagged": found.detections.count() if preview is None else sum(score >= preview for score in top),
        "comparisons": _compared_in(found),
    }
    return render(request, "detections/trial.html", context)


def _trial(pk: int) -> Trial:
    """With the set and the one it was injected into; of their vectors the truth alone is shown."""
    found: Trial | None = by_key(Trial, pk, ("fitted_on",)) if pk < 2**63 else None
    if found is None:
        raise Http404
    found.sample_set = by_key(SampleSet, found.sample_set_id, set(HEAVY) - {"truth"})
    if found.sample_set.parent_id:
        found.sample_set.parent = by_key(SampleSet, found.sample_set.parent_id, HEAVY)
    return found


def _strangest(found: Trial, start: int, least: float | None) -> list[Detection]:
    """From rank ``start`` on, and of at least this score: one more than a page shows."""
    values = (found.pk, start) if least is None else (found.pk, start, least)

    def build() -> QuerySet:
        ranked = Detection.objects.filter(trial=found).filter(rank__gte=start)
        return (ranked if least is None else ranked.filter(score__gte=least)).order_by("rank")[: GRID + 1]

    chosen: list[Detection] = objects("strangest", values, build, Detection)
    for one in chosen:
        one.trial = found
    return chosen


def _compared_in(found: Trial) -> list[int]:
    def build() -> QuerySet:
        return Comparison.objects.filter(trials=found.pk).order_by("-id").values_list("pk")

    return [pk for (pk,) in plain("compared in", (found.pk,), build)]


def cards(request: HttpRequest, sample_set: SampleSet, shown: list[Detection]) -> list[dict[str, Any]]:
    """Each detection with its picture, its reasons in words, what is known of it, and what you said."""
    saw = seen(sample_set, shown)
    drawn = pictures(shown, saw)
    known = known_classes(sample_set, shown)
    said = labels_by(request.user, shown)
    address = numbered("detection")
    return [
        {
            "detection": one,
            "url": address(one.pk),
            "picture": drawn.get(one.pk, ""),
            "reasons": " · ".join(reasons_in_words(one, binnings_of(one, saw.get(one.pk)))[:REASONS]),
            "known": known.get(one.pk, ""),
            "label": said.get(one.pk),
        }
        for one in shown
    ]


def known_classes(sample_set: SampleSet, shown: list[Detection]) -> dict[int, str]:
    """The class of the truth at each detection, where the set has a truth and it is there."""
    if not sample_set.classes or not shown:
        return {}
    truth: Any = sample_set.truth
    classes = ["", *sample_set.classes]
    return {one.pk: classes[int(truth[one.position])] for one in shown if one.position < len(truth)}


def labels_by(user: Any, shown: list[Detection]) -> dict[int, Label]:
    """What this person says of each now."""
    if not user.is_authenticated or not shown:
        return {}
    ids = [one.pk for one in shown]

    def build() -> QuerySet:
        return Label.objects.filter(user=user).filter(detection__in=ids).values_list("pk")

    given = [pk for (pk,) in plain(("labels", len(ids)), (user.pk, *ids), build)]
    # Mostly none, and what stands of them is a long question.
    standing = Label.objects.current().filter(pk__in=given) if given else ()
    return {label.detection_id: label for label in standing if label.detection_id is not None}


@require_POST
@role_required("expert")
def set_threshold(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the line elsewhere: what reaches it is flagged from now on. It leaves a job, as all work does."""
    found = get_object_or_404(Trial.objects.only("pk"), pk=pk)
    threshold = _number(request.POST.get("threshold", ""))
    if threshold is None:
        messages.error(request, "A threshold is a finite number.")
        return redirect("trial", pk)
    try:
        _, made = run_here(
            tasks.set_threshold, title=f"threshold of trial {pk}", owner=request.user, trial=found.pk,
            threshold=threshold,
        )  # fmt: skip
        messages.success(request, f"{made['flagged']:,} are flagged now; it were {made['before']:,}.")
    except UserError as error:
        messages.error(request, str(error))
    return redirect("trial", pk)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _whole(text: str) -> int:
    return min(max(int(text), 1), 2**31 - 1) if text.isascii() and text.isdigit() and len(text) < 10 else 1
