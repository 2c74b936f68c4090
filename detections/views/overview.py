"""The overview: what is new, what is strange, what runs, what waits."""

from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from detections.models import Detection, Label, Proposal, SampleSet, Trial
from detections.views.comparisons import newest
from histos.models import LumisectionHistogram, MonitoringElement, RunHistogram
from lightcurves.models import LightCurve, Source
from project.access import reader_required
from project.models import Job, SourceFile
from runs.models import Certification, Lumisection, Run

LATEST, LATEST_FILES = 8, 5
SHORT = ("key", "score", "rank", "trial__detector", "trial__sample_set__name", "trial__sample_set__simulated")
MOST_COUNTED = 1_000_000
"""Counting further would cost more than the rest of the page; the page then says "over"."""
COUNTED_FOR = 20
"""Seconds for which a count is good enough."""

COUNTED: tuple[tuple[str, Any, str], ...] = (
    ("run", Run, "runs"),
    ("lumisection", Lumisection, "runs"),
    ("certification", Certification, "runs"),
    ("monitoring element", MonitoringElement, "elements"),
    ("lumisection histogram", LumisectionHistogram, "elements"),
    ("run histogram", RunHistogram, "elements"),
    ("source", Source, "sources"),
    ("light curve", LightCurve, "sources"),
    ("sample set", SampleSet, "samples"),
    ("trial", Trial, "anomalies"),
    ("detection", Detection, "anomalies"),
    ("label", Label, "anomalies"),
)


@require_safe
@reader_required
def overview(request: HttpRequest) -> HttpResponse:
    counts = counted()
    context = {
        "counts": counts,
        "most": MOST_COUNTED,
        "empty": not any(number for _, number, _ in counts),
        "files": SourceFile.objects.order_by("-id")[:LATEST_FILES],
        "jobs": Job.objects.defer("log", "kwargs", "result").order_by("-id")[:LATEST],
        "comparisons": newest()[:LATEST],
        "strange": strangest()[:LATEST],
        "proposed": proposed()[:LATEST],
        "unlabelled": waiting_for(request.user)[:LATEST] if request.user.is_authenticated else None,
    }
    return render(request, "detections/overview.html", context)


def counted() -> list[tuple[str, int, str]]:
    """Rows of every table, no further than ``MOST_COUNTED``; kept for some seconds, but a zero is always asked anew."""
    found: list[tuple[str, int, str]] = cache.get("overview-counts") or []
    if not found:
        found = [(label, _count(model), page) for label, model, page in COUNTED]
        if sum(number for _, number, _ in found) > MOST_COUNTED // 10:
            cache.set("overview-counts", found, COUNTED_FOR)
    return found


def _count(model: Any) -> int:
    rows: QuerySet = model.objects.all()
    rows = rows.visible() if hasattr(rows, "visible") else rows
    return rows.order_by()[:MOST_COUNTED].count()


def strangest() -> QuerySet[Detection]:
    """The first of every trial, newest trials first."""
    first = Detection.objects.filter(rank=1).select_related("trial__sample_set").only(*SHORT)
    return first.order_by("-trial_id")


def proposed() -> QuerySet[Proposal]:
    """What waits for the signature of an expert, the oldest first."""
    return Proposal.objects.visible().open().select_related("run", "user").order_by("id")


def waiting_for(user: Any) -> QuerySet[Detection]:
    """Of the newest comparisons' trials, the strongest detections of which this person has said nothing yet."""
    newest_trials = Trial.objects.filter(state=Trial.State.DONE).order_by("-id").values("pk")[:LATEST]
    said = Label.objects.filter(user=user, detection=OuterRef("pk"))
    waiting = Detection.objects.filter(
        trial__in=list(newest_trials.values_list("pk", flat=True)), rank__lte=3
    )
    return (
        waiting.filter(~Exists(said))
        .select_related("trial__sample_set")
        .only(*SHORT)
        .order_by("rank", "-trial_id")
    )
