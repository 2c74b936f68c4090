"""How an element changed from run to run."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from histos.figures.over_runs import over_runs_figure
from histos.looking.over_runs import datasets_with, experiment_of, over_runs, runs_with, sources_of
from histos.models import Dataset, MonitoringElement
from histos.moments import NAMES
from histos.views.asking import says_what_is_wrong
from histos.views.controls import Choice, Group
from histos.views.parameters import one_of, whole
from histos.views.state import changed, element_at
from project.access import reader_required
from project.errors import UserError
from runs.models import Run

SOURCES = {
    "run": "histograms of whole runs",
    "moments": "moments of whole runs",
    "lumisections": "a few lumisections of each run",
}


@dataclass(frozen=True)
class Asked:
    """``dataset`` is None where there is nothing of the element; ``source`` is where the numbers are from."""

    params: QueryDict
    element: MonitoringElement
    datasets: list[Dataset]
    dataset: Dataset | None
    sources: list[str]
    source: str
    trend: str
    bin: int | None

    @property
    def quantity(self) -> str:
        element, shapes = self.element, self.source != "moments"
        if element.dimension != 1 and shapes:
            return "occupied cells"
        if self.bin is not None and shapes:
            return f"fraction in bin {self.bin}"
        return "mean over bins" if element.storage == element.Storage.MEAN and shapes else self.trend

    def runs(self) -> tuple[str, list[Run], int | None]:
        """Of one experiment: its name, a page of runs, and where the page before ends."""
        if self.dataset is None:
            return "", [], None
        name = self.params.get("experiment", "").replace("\0", "")[:64]
        name = name or experiment_of(self.element, self.dataset, self.source)
        runs = Run.objects.visible().of(name)
        before = whole(self.params, "before", least=0)
        return name, *runs_with(self.element, self.dataset, runs, self.source, before)


def asked_of(request: HttpRequest, pk: int) -> Asked:
    """Raises UserError where a parameter is wrong."""
    params, element = request.GET, element_at(pk)
    datasets, named = datasets_with(element), params.get("dataset", "")
    dataset = next((one for one in datasets if named in ("", one.name)), None)
    if named and dataset is None:
        raise UserError(f"dataset: {named[:120]!r} holds nothing of this element")
    sources = sources_of(element, dataset) if dataset else []
    bin, most = whole(params, "bin", least=0), element.axes[0]["bins"] + 1
    if bin is not None and bin > most:
        raise UserError(f"bin: {bin} is above {most}, the overflow")
    source = one_of(params, "from", *sources) if sources else ""
    return Asked(params, element, datasets, dataset, sources, source, one_of(params, "trend", *NAMES), bin)


@require_safe
@reader_required
@says_what_is_wrong
def trend(request: HttpRequest, pk: int) -> HttpResponse:
    asked = asked_of(request, pk)
    experiment, runs, further = asked.runs()
    context: dict[str, Any] = {
        "element": asked.element, "dataset": asked.dataset, "runs": runs, "asked": asked, "experiment": experiment,
        "groups": _groups(asked), "quantity": asked.quantity,
        "figure_url": reverse("element-trend-figure", args=[pk]) + changed(request.GET),
        "further_url": "" if further is None else changed(request.GET, before=further),
        "latest_url": changed(request.GET, before=None) if request.GET.get("before") else "",
        "hidden": [(name, value) for name, value in request.GET.items() if name != "bin"],
    }  # fmt: skip
    if asked.dataset:
        page = reverse("element-in-run", args=[pk, experiment, 0]).replace("/0/", "/{x}/")
        context["click"] = page + changed(QueryDict(), dataset=asked.dataset.name)
    return render(request, "histos/trend.html", context)


def _groups(asked: Asked) -> list[Group]:
    params, element, groups = asked.params, asked.element, []
    if len(asked.datasets) > 1:
        groups.append(Group("dataset", [
            Choice(one.name, changed(params, dataset=one.name, before=None), one == asked.dataset)
            for one in asked.datasets
        ]))  # fmt: skip
    if len(asked.sources) > 1:
        urls = {name: changed(params, **{"from": name}, before=None) for name in asked.sources}
        groups.append(
            Group("from", [Choice(SOURCES[name], urls[name], name == asked.source) for name in urls])
        )
    if asked.source == "moments" or (element.dimension == 1 and element.storage != element.Storage.MEAN):
        now = asked.quantity
        names = [Choice(name, changed(params, trend=name, bin=None), name == now) for name in NAMES]
        groups.append(Group("trend", names))
    return groups


@require_safe
@reader_required
@says_what_is_wrong
def figure(request: HttpRequest, pk: int) -> HttpResponse:
    asked = asked_of(request, pk)
    _, runs, _ = asked.runs()
    if asked.dataset is None or not runs:
        raise Http404
    found = over_runs(asked.element, asked.dataset, runs, asked.source, asked.trend, asked.bin)
    drawn = over_runs_figure(found, asked.element, asked.quantity)
    return HttpResponse(orjson.dumps(drawn), content_type="application/json")
