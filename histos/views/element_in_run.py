"""When did this histogram change: an element over a run, and one of its lumisections against the reference."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from histos.figures import map_figure, run_figure
from histos.figures.heat import merging
from histos.figures.maps import PARTS
from histos.in_run import InRun, reduced
from histos.marks import Marks, marks_on
from histos.views.controls import groups_of
from histos.views.panel import panel_of
from histos.views.references import reference_choices
from histos.views.snippets import snippet_of
from histos.views.state import Opened, opened
from project.access import reader_required
from project.errors import UserError
from project.figures import Figure
from project.problems import answer

View = Callable[..., HttpResponse]


def says_what_is_wrong(view: View) -> View:
    """A wrong parameter is a page that names it, not an error of ours."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UserError as error:
            return answer(request, 400, str(error))

    return page


@require_safe
@reader_required
@says_what_is_wrong
def element_in_run(request: HttpRequest, pk: int, experiment: str, number: int) -> HttpResponse:
    """The whole page, or only what belongs to one lumisection where htmx asks for that."""
    found = opened(request, pk, experiment, number)
    context: dict[str, Any] = {
        "element": found.element,
        "run": found.run,
        "dataset": found.dataset,
        "found": found,
    }
    here, other = found.read()
    if here is None:
        return render(request, "histos/not_in_run.html", context)
    marks = marks_on(request, found.element, found.run, here.dataset)
    panel = panel_of(found, here, other, marks)
    context |= {
        "here": here, "panel": panel, "marks": marks, "asked": found.asked,
        "previous_url": found.asked.url(ls=panel.previous), "next_url": found.asked.url(ls=panel.next),
    }  # fmt: skip
    part = request.headers.get("HX-Target") == "histogram"
    if not part:
        context |= _whole_page(found, here, panel.ls)
    response = render(request, "histos/panel_alone.html" if part else "histos/in_run.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _whole_page(found: Opened, here: InRun, ls: int) -> dict[str, Any]:
    dataset = here.dataset
    without = here.listed[~np.isin(here.listed, here.numbers)]
    folder = found.element.name.rpartition("/")[0]
    api = {"element_id": found.element.pk, "dataset": dataset.name, "run": found.run.number}
    return {
        "groups": groups_of(found, dataset),
        "hidden": [pair for pair in found.asked.params.items() if pair[0] != "reference"],
        "snippet": snippet_of(found.element, dataset, found.run),
        "css": "in-run" if len(here.edges) == 1 else "tall",
        "label": f"{found.element.name} over the lumisections of run {found.run.number}",
        "references": reference_choices(found, dataset),
        "folder": folder and folder + "/",
        "notes": merging(here) if len(here.edges) == 1 else [],
        "without": _spans(without.tolist()), "n_without": len(without), "n_empty": int((here.entries == 0).sum()),
        "figure_url": reverse("element-figure", args=[found.element.pk, found.run.experiment, found.run.number])
        + found.asked.url(dataset=dataset.name, ls=ls),
        "click": found.asked.url(ls=None, dataset=dataset.name) + "&ls={x}",
        "api": f"{reverse('lumisection-histograms-list')}?{urlencode(api | {'experiment': found.run.experiment})}",
    }  # fmt: skip


def _spans(numbers: list[int], most: int = 20) -> list[tuple[int, int]]:
    """Whole numbers as unbroken ranges, at most so many of them."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1] = spans[-1][0], number
        elif len(spans) == most:
            break
        else:
            spans.append((number, number))
    return spans


@require_safe
@reader_required
@says_what_is_wrong
def figure(request: HttpRequest, pk: int, experiment: str, number: int) -> HttpResponse:
    """The figure over the run, as the page's script reads it."""

    def drawn(found: Opened, here: InRun, other: InRun | None, marks: list[Marks]) -> Figure:
        asked = found.asked
        return run_figure(
            here,
            reduced(here, other),
            unit_area=asked.unit_area,
            log=asked.log,
            chosen=asked.ls,
            marks=marks,
        )

    return _figure(request, pk, experiment, number, drawn)


@require_safe
@reader_required
@says_what_is_wrong
def maps(request: HttpRequest, pk: int, experiment: str, number: int, part: str) -> HttpResponse:
    """One map of a two-dimensional histogram: its counts, its reference, or the pulls between them."""

    def drawn(found: Opened, here: InRun, other: InRun | None, marks: list[Marks]) -> Figure:
        row = None if found.asked.ls is None else here.row_of(found.asked.ls)
        if part not in PARTS or row is None or len(here.edges) != 2:
            raise Http404
        return map_figure(here, row, other, part, found.asked.log)

    return _figure(request, pk, experiment, number, drawn)


Draw = Callable[[Opened, InRun, InRun | None, list[Marks]], Figure]


def _figure(request: HttpRequest, pk: int, experiment: str, number: int, draw: Draw) -> HttpResponse:
    found = opened(request, pk, experiment, number)
    here, other = found.read()
    if here is None:
        raise Http404
    marks = marks_on(request, found.element, found.run, here.dataset)
    return HttpResponse(orjson.dumps(draw(found, here, other, marks)), content_type="application/json")
