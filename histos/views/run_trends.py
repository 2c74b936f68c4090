"""Run-level trends: elements of which the moments of whole runs are known, each with a small line over the runs."""

from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from histos.figures.over_runs import over_runs_figure
from histos.looking.folders import crumbs
from histos.looking.over_runs import from_moments, runs_with_moments
from histos.looking.run_trends import ALL, dataset_with_moments, small_trends
from histos.models import Dataset
from histos.moments import NAMES
from histos.views.asking import says_what_is_wrong
from histos.views.controls import Choice, Group
from histos.views.parameters import one_of, whole
from histos.views.state import changed
from project.access import reader_required
from project.errors import UserError
from runs.models import Run


@require_safe
@reader_required
@says_what_is_wrong
def run_trends(request: HttpRequest) -> HttpResponse:
    """``folder`` ends with its slash; ``after`` is the name of the last element seen; ``element`` shows one of them."""
    params = request.GET
    dataset, datasets = _dataset(request)
    moment, folder = one_of(params, "trend", *ALL), params.get("folder", "").replace("\0", "")[:255]
    context: dict[str, Any] = {
        "dataset": dataset, "moment": moment, "folder": folder, "groups": [],
        "crumbs": [(one, changed(params, folder=one.path, after=None)) for one in crumbs(folder)],
        "top_url": changed(params, folder=None, after=None),
    }  # fmt: skip
    if dataset:
        names = [Choice(name, changed(params, trend=name), name == moment) for name in ALL]
        held = [
            Choice(one.name, changed(params, dataset=one.name, after=None), one == dataset)
            for one in datasets
        ]
        context["groups"] = [*([Group("dataset", held)] if len(held) > 1 else []), Group("trend", names)]
        page = small_trends(dataset, moment, folder, params.get("after", "").replace("\0", ""))
        context["folders"] = [(one, changed(params, folder=one.path, after=None)) for one in page.folders]
        context["cards"] = [(one, _url(dataset, one.name, moment)) for one in page.cards]
        context["next_url"] = changed(params, after=page.next) if page.next else ""
    return render(request, "histos/run_trends.html", context)


def _dataset(request: HttpRequest) -> tuple[Dataset | None, list[Dataset]]:
    datasets = dataset_with_moments()
    named = request.GET.get("dataset", "")
    found = next((one for one in datasets if named in ("", one.name)), None)
    if named and found is None and not Dataset.objects.visible().filter(name=named).exists():
        raise UserError(f"dataset: there is none called {named[:120]!r}")
    return found, datasets


def _url(dataset: Dataset, name: str, moment: str) -> str:
    asked = {"dataset": dataset.name, "element": name, "trend": moment if moment in NAMES else NAMES[0]}
    return reverse("run-trend") + changed(_nothing(), **asked)


def _nothing() -> Any:
    from django.http import QueryDict

    return QueryDict()


@require_safe
@reader_required
@says_what_is_wrong
def run_trend(request: HttpRequest) -> HttpResponse:
    """One element of which only moments may be known, over the runs."""
    dataset, name, runs, further = _opened(request)
    moment = one_of(request.GET, "trend", *NAMES)
    choices = [Choice(one, changed(request.GET, trend=one), one == moment) for one in NAMES]
    context = {
        "dataset": dataset, "name": name, "runs": runs, "quantity": moment, "groups": [Group("trend", choices)],
        "figure_url": reverse("run-trend-figure") + changed(request.GET),
        "further_url": "" if further is None else changed(request.GET, before=further),
        "latest_url": changed(request.GET, before=None) if request.GET.get("before") else "",
        "folder": name.rpartition("/")[0], "experiment": runs[-1].experiment if runs else "",
        "click": reverse("run", args=[runs[-1].experiment, 0]).replace("/0/", "/{x}/") if runs else "",
    }  # fmt: skip
    return render(request, "histos/run_trend.html", context)


def _opened(request: HttpRequest) -> tuple[Dataset, str, list[Run], int | None]:
    name, dataset = request.GET.get("element", "").replace("\0", ""), _dataset(request)[0]
    if dataset is None or not name:
        raise Http404
    before = whole(request.GET, "before", least=0)
    experiment = request.GET.get("experiment", "").replace("\0", "")[:64]
    runs = Run.objects.visible()
    if not experiment:
        latest = runs_with_moments(name, dataset, runs, None)[0]
        experiment = latest[-1].experiment if latest else ""
    return dataset, name, *runs_with_moments(name, dataset, runs.of(experiment), before)


@require_safe
@reader_required
@says_what_is_wrong
def run_trend_figure(request: HttpRequest) -> HttpResponse:
    dataset, name, runs, _ = _opened(request)
    if not runs:
        raise Http404
    moment = one_of(request.GET, "trend", *NAMES)
    drawn = over_runs_figure(from_moments(name, dataset, runs, moment), None, moment)
    return HttpResponse(orjson.dumps(drawn), content_type="application/json")
