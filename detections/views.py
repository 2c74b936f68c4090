"""Pages of detections: the overview, comparisons, trials."""

import csv
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from detections.models import Comparison, Detection, SampleSet, Trial
from detections.presenting import Shown
from histos.models import LumisectionHistogram, MonitoringElement, RunHistogram
from lightcurves.models import LightCurve, Source
from project.access import reader_required
from project.models import Job, SourceFile
from runs.models import Certification, Lumisection, Run

LATEST = 8
SET = ("name", "world", "simulated", "n_samples", "n_scores", "n_groups", "split", "hash", "classes")
"""Of a sample set, what a page shows: its keys and truth can be megabytes."""
HEAVY = tuple(
    f"sample_set__{name}"
    for name in ("keys", "groups", "roles", "folds", "truth", "strength", "sigma", "events")
)
SHORT = ("key", "score", "rank", "trial__detector", "trial__sample_set__name", "trial__sample_set__simulated")
LISTED = 100
MOST_COUNTED = 1_000_000
"""Counting further would cost more than the rest of the page; the page then says "over"."""

COUNTED: tuple[tuple[str, Any, str], ...] = (
    ("runs", Run, "runs-list"),
    ("lumisections", Lumisection, "lumisections-list"),
    ("certifications", Certification, "certifications-list"),
    ("monitoring elements", MonitoringElement, "monitoring-elements-list"),
    ("histograms per lumisection", LumisectionHistogram, "lumisection-histograms-list"),
    ("histograms per run", RunHistogram, "run-histograms-list"),
    ("sources", Source, "sources-list"),
    ("light curves", LightCurve, "light-curves-list"),
    ("sample sets", SampleSet, "sample-sets-list"),
    ("trials", Trial, "trials-list"),
    ("detections", Detection, "detections-list"),
)


@require_safe
@reader_required
def overview(request: HttpRequest) -> HttpResponse:
    """What is new, what is strange, what runs."""
    counts = [(label, count(model), page) for label, model, page in COUNTED]
    context = {
        "counts": counts,
        "most": MOST_COUNTED,
        "empty": not any(number for _, number, _ in counts),
        "files": SourceFile.objects.order_by("-id")[:LATEST],
        "jobs": Job.objects.defer("log", "kwargs", "result").order_by("-id")[:LATEST],
        "comparisons": newest()[:LATEST],
        "strange": Detection.objects.filter(rank=1)
        .select_related("trial__sample_set")
        .only(*SHORT)
        .order_by("-id")[:LATEST],
    }
    return render(request, "detections/overview.html", context)


def count(model: Any) -> int:
    """Rows of a table that are loaded completely, counted no further than ``MOST_COUNTED``."""
    rows: QuerySet = model.objects.all()
    rows = rows.visible() if hasattr(rows, "visible") else rows
    return rows.order_by()[:MOST_COUNTED].count()


def newest() -> QuerySet[Comparison]:
    """The comparisons, newest first, without the results but for the first sentence."""
    rows = Comparison.objects.annotate(sentence=F("results__sentences__0")).select_related("sample_set")
    return rows.only("created", "params", *of_set()).order_by("-id")


def of_set() -> list[str]:
    return [f"sample_set__{name}" for name in SET]


@require_safe
@reader_required
def comparisons(request: HttpRequest) -> HttpResponse:
    rows = list(newest()[:LISTED])
    return render(request, "detections/comparisons.html", {"comparisons": rows, "listed": LISTED})


@require_safe
@reader_required
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Which detector to trust on these data."""
    found = get_object_or_404(
        Comparison.objects.select_related("sample_set").only("results", "params", "created", *of_set()), pk=pk
    )
    asked = (request.GET.get(name, "") for name in ("class", "sort", "kind"))
    return render(
        request, "detections/comparison.html", {"comparison": found, "shown": Shown(found.results, *asked)}
    )


@require_safe
@reader_required
def comparison_csv(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Comparison, pk=pk)
    name = f"comparison-{pk}.csv"
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    csv.writer(answer).writerows(Shown(found.results).table())
    return answer


@require_safe
@reader_required
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """What one detector flags, strangest first."""
    found = get_object_or_404(Trial.objects.light().select_related("sample_set").defer(*HEAVY), pk=pk)
    context = {
        "trial": found,
        "detections": found.detections.with_things().order_by("rank")[:LISTED],
        "comparisons": found.comparisons.only("id").order_by("-id"),
    }
    return render(request, "detections/trial.html", context)
