"""What happened when in one run."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from project.access import reader_required
from project.asked import objects, one
from project.listing import Listing
from runs.api import LumisectionResource
from runs.figure_rows import MOST, Timeline
from runs.figures import run_figure
from runs.lanes import parameters
from runs.models import Certification, Fill, Lumisection, Run
from runs.scores import RunKey
from runs.told import told
from runs.views.found import MOST_CERTIFICATIONS, Window, judged_run, run_at, window_of, with_states

COLUMNS = ("number", "start_time", "delivered_luminosity", "recorded_luminosity", "pileup")
MEASURED = ("delivered_luminosity", "recorded_luminosity", "pileup")
RANGE = ("first", "last")


@require_safe
@reader_required
def run(request: HttpRequest, experiment: str, number: int) -> HttpResponse:
    """One time axis for all that is known of the run; ``first`` and ``last`` choose a range of lumisections."""
    found = run_at(experiment, number)
    window, errors = window_of(request.GET)
    judged = judged_run(found, request.GET)
    errors |= judged.errors
    fixed = {"experiment": experiment, "run": number} | _between("number", window)
    listing = Listing(LumisectionResource, request.GET, COLUMNS, fixed=fixed, own=(*parameters(), *RANGE))
    before, after = Run.objects.neighbours(experiment, number)
    page = _url("run", found)
    context = {
        "run": found, "before": before, "after": after, "judged": judged, "listing": listing, "errors": errors,
        "first": window[0], "last": window[1], "lumisections": judged.lumisections.get(found.pk, 0), "most": MOST,
        **_certifications(found), **_told(found),
        "exports": [(name, _export(name, fixed)) for name in LumisectionResource.formats],
        "few": not judged.scored and not any(row[name] is not None for row in listing.rows for name in MEASURED),
        "figure_url": _figure_url(request, found, errors), "page": page, "click": f"{page}{{x}}/",
    }  # fmt: skip
    return render(request, "runs/run.html", context, status=400 if errors else listing.status)


@require_safe
@reader_required
def figure(request: HttpRequest, experiment: str, number: int) -> HttpResponse:
    """The figure of the run's page, as its script reads it."""
    found = run_at(experiment, number)
    window, errors = window_of(request.GET)
    judged = judged_run(found, request.GET)
    if errors := errors | judged.errors:
        return JsonResponse({"errors": errors}, status=400)
    rows = Lumisection.objects.visible().filter(run=found).order_by("number")
    timeline = Timeline.of(list(rows.values_list(*COLUMNS, "flags")[:MOST]))
    return JsonResponse(run_figure(timeline, judged, found.pk, RunKey(experiment, number), window))


def _told(run: Run) -> dict[str, Any]:
    """What else is known of the run, and of its fill."""
    number = run.fill_number
    place = run.experiment, number
    fill = one("fill of run", place, lambda: Fill.objects.of_run(*place), Fill) if number else None
    return {"told": told(run.attributes), "fill": fill, "told_of_fill": told(fill.attributes) if fill else []}


def _url(name: str, run: Run) -> str:
    return reverse(name, args=[run.experiment, run.number])


def _figure_url(request: HttpRequest, run: Run, errors: dict[str, str]) -> str:
    """With the choices of the page that are right, so that a copied address draws the same."""
    wrong = {*errors, *(RANGE if errors.keys() & set(RANGE) else ())}
    names = [name for name in (*parameters(), *RANGE) if name not in wrong]
    asked = {name: request.GET[name] for name in names if request.GET.get(name)}
    return f"{_url('run-figure', run)}?{urlencode(asked)}"


def _between(name: str, window: Window) -> dict[str, int]:
    ends = zip((f"{name}__gte", f"{name}__lte"), window, strict=True)
    return {term: value for term, value in ends if value is not None}


def _export(name: str, fixed: dict[str, Any]) -> str:
    return f"{reverse('lumisections-list')}?{urlencode(fixed | {'format': name})}"


def _certifications(run: Run) -> dict[str, Any]:
    def build() -> QuerySet:
        said = Certification.objects.visible().filter(run=run).order_by("first", "flag", "id")
        return said[: MOST_CERTIFICATIONS + 1]

    found = with_states(objects("said of run", (run.pk,), build, Certification))
    more = len(found) > MOST_CERTIFICATIONS
    return {
        "certifications": found[:MOST_CERTIFICATIONS],
        "more_certifications": more,
        "most_certifications": MOST_CERTIFICATIONS,
    }
