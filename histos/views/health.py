"""What is missing: of one run in full, of many runs in a line each."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from histos.looking.health import Spans, health_of
from histos.views.asking import says_what_is_wrong
from histos.views.parameters import whole
from histos.views.state import changed, run_at
from project.access import reader_required
from project.sparks import strip_of
from runs.models import Lumisection, Run

SHOWN = 12
"""Ranges that are named before the rest is left to "…"."""
RUNS = 25
"""Runs on a page of many."""
PARTS = {"health": "histos/health_part.html", "line": "histos/health_line.html"}
"""By the first word of what htmx swaps: the block of a run's page, a line of the list."""


@require_safe
@reader_required
def run_health(request: HttpRequest, experiment: str, number: int) -> HttpResponse:
    """All that is missing in a run; for htmx only what it asks for."""
    run = run_at(experiment, number)
    found = health_of(run)
    before, after = Run.objects.neighbours(experiment, number)
    context: dict[str, Any] = {
        "run": run, "health": found, "before": before, "after": after, "shown": SHOWN,
        "datasets": [(one, strip_along(one.without, found.last)) for one in found.datasets],
    }  # fmt: skip
    part = request.headers.get("HX-Target", "").partition("-")[0]
    response = render(request, PARTS.get(part, "histos/health.html"), context)
    response["Vary"] = "HX-Target, Cookie"
    return response


def strip_along(without: Spans, last: int) -> SafeString:
    """Lumisections 1 to ``last``: those with histograms, and those without."""
    places, at = [], 1
    for first, end in without:
        places += [("good", first - at), ("no data", end - first + 1)]
        at = end + 1
    return strip_of(
        [*places, ("good", last - at + 1)], "lumisections with histograms as good, without as no data"
    )


@require_safe
@reader_required
@says_what_is_wrong
def health(request: HttpRequest) -> HttpResponse:
    """The latest runs; what each lacks comes in line by line."""
    experiment = request.GET.get("experiment", "").replace("\0", "")[:64]
    runs = Run.objects.visible().order_by("-number", "-pk")
    if experiment:
        runs = runs.of(experiment)
    before = whole(request.GET, "before", least=0)
    page = list((runs if before is None else runs.filter(number__lt=before))[: RUNS + 1])
    spans = Lumisection.objects.spans(run.pk for run in page[:RUNS])
    context: dict[str, Any] = {
        "rows": [(run, sum(last - first + 1 for first, last in spans.get(run.pk, []))) for run in page[:RUNS]],
        "further": changed(request.GET, before=page[RUNS - 1].number) if len(page) > RUNS else "",
        "first_url": reverse("health"), "first_page": before is None, "experiment": experiment,
    }  # fmt: skip
    return render(request, "histos/health_of_runs.html", context)
