"""When did this histogram change: an element over a run, and one of its lumisections against the reference."""

from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from histos.figures.heat import merging
from histos.figures.trends import not_drawn
from histos.looking.in_run import InRun
from histos.marks import marks_on
from histos.views.asking import says_what_is_wrong
from histos.views.controls import forms_of, groups_of
from histos.views.figures import wanted_of
from histos.views.panel import panel_of
from histos.views.parameters import place_of
from histos.views.references import neighbours, reference_choices
from histos.views.snippets import snippet_of
from histos.views.state import Opened, opened
from project.access import reader_required


@require_safe
@reader_required
@says_what_is_wrong
def element_in_run(request: HttpRequest, pk: int, experiment: str, number: int) -> HttpResponse:
    """The whole page, or only what belongs to one lumisection where htmx asks for that."""
    if request.GET.get("jump"):
        return _jump(request, pk, experiment, number)
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
        "here": here, "panel": panel, "marks": marks, "asked": found.asked, "other": other,
        "previous_url": found.asked.url(ls=panel.previous), "next_url": found.asked.url(ls=panel.next),
    }  # fmt: skip
    part = request.headers.get("HX-Target") == "histogram"
    if not part:
        context |= _whole_page(found, here, panel.ls) | _around(found, here)
    response = render(request, "histos/panel_alone.html" if part else "histos/in_run.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _jump(request: HttpRequest, pk: int, experiment: str, number: int) -> HttpResponse:
    """The same element in the run and lumisection that were typed, everything else as it was."""
    run, ls = place_of(request.GET["jump"])
    params = request.GET.copy()
    for name in ("jump", "ls"):
        params.pop(name, None)
    if ls is not None:
        params["ls"] = str(ls)
    return redirect(
        f"{reverse('element-in-run', args=[pk, experiment, number if run is None else run])}?{params.urlencode()}"
    )


def _whole_page(found: Opened, here: InRun, ls: int) -> dict[str, Any]:
    dataset, flat = here.dataset, len(here.edges) == 1
    without = here.listed[~np.isin(here.listed, here.numbers)]
    folder = found.element.name.rpartition("/")[0]
    notes = (merging(here) if flat else []) + list(filter(None, [not_drawn(here, wanted_of(found.asked))]))
    return {
        "groups": groups_of(found, dataset), "forms": forms_of(found),
        "snippet": snippet_of(found.element, dataset, found.run),
        "css": ("in-run" if flat else "tall") + (" beside" if found.asked.oms else ""),
        "label": f"{found.element.name} over the lumisections of run {found.run.number}",
        "folder": folder and folder + "/",
        "notes": notes,
        "without": _spans(without.tolist(), here.merge), "n_without": len(without),
        "n_empty": int((here.entries == 0).sum()),
        "figure_url": reverse("element-figure", args=[found.element.pk, found.run.experiment, found.run.number])
        + found.asked.url(dataset=dataset.name, ls=ls),
        "click": found.asked.url(ls=None, dataset=dataset.name) + "&ls={x}",
        "api": _api(found, dataset.name),
    }  # fmt: skip


def _around(found: Opened, here: InRun) -> dict[str, Any]:
    """What leads to other runs: references, and the runs beside."""
    near, before, after = neighbours(found, here.dataset)
    state = found.asked.url(ls=None, dataset=here.dataset.name)
    pages = [
        reverse("element-in-run", args=[found.element.pk, run.experiment, run.number]) + state if run else ""
        for run in (before, after)
    ]
    return {
        "references": reference_choices(found, here.dataset, near),
        "run_before": before, "run_after": after, "run_before_url": pages[0], "run_after_url": pages[1],
    }  # fmt: skip


def _api(found: Opened, dataset: str) -> str:
    asked = {"element_id": found.element.pk, "dataset": dataset, "run": found.run.number}
    return (
        f"{reverse('lumisection-histograms-list')}?{urlencode(asked | {'experiment': found.run.experiment})}"
    )


def _spans(numbers: list[int], step: int = 1, most: int = 20) -> list[tuple[int, int]]:
    """Whole numbers as unbroken ranges, at most so many of them."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - step:
            spans[-1] = spans[-1][0], number
        elif len(spans) == most:
            break
        else:
            spans.append((number, number))
    return spans
