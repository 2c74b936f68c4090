"""The tree of a run, or of one of its lumisections: dataset, folders, and the elements below as small pictures."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from histos.looking.folders import crumbs
from histos.looking.grids import MOST, Grid, grid_of
from histos.rates import rates_on
from histos.views.asking import says_what_is_wrong
from histos.views.parameters import one_of, place_of, whole
from histos.views.state import changed, run_at
from project.access import reader_required
from runs.models import Lumisection, Run

ACROSS = ("fitting", "1", "2", "3", "4", "6", "8")
"""Plots in a row; as many as fit, unless one is chosen."""
KEPT = ("dataset", "folder", "across", "trial")
"""What stays the same in another run or lumisection."""


@require_safe
@reader_required
@says_what_is_wrong
def run_elements(request: HttpRequest, experiment: str, number: int) -> HttpResponse:
    """``ls`` shows the histograms of one lumisection, without it the trends; ``folder`` ends with its slash; ``after``
    is the last element seen; ``across`` is how many plots stand in a row. For htmx the block of a run's page.
    """
    if request.GET.get("jump"):
        return _jump(request, experiment, number)
    if request.headers.get("HX-Target") == "elements":
        found = render(request, "histos/grid_slot.html", {"grid": grid_of(run_at(experiment, number))})
    else:
        found = _page(request, experiment, number)
    patch_vary_headers(found, ["HX-Target", "Cookie"])
    return found


def _page(request: HttpRequest, experiment: str, number: int) -> HttpResponse:
    run, ls = run_at(experiment, number), whole(request.GET, "ls")
    lumisection = None if ls is None else _lumisection(run, ls)
    folder, across = _folder(request.GET), one_of(request.GET, "across", *ACROSS)
    grid = grid_of(
        run,
        lumisection,
        dataset=request.GET.get("dataset", ""),
        after_pk=whole(request.GET, "after"),
        folder=folder,
    )
    context: dict[str, Any] = {
        "run": run, "lumisection": lumisection, "grid": grid, "most": MOST, "across": across,
        **_walk(request.GET, run, ls, grid), "carried": _kept(request.GET),
    }  # fmt: skip
    if grid:
        context |= _tree(request, grid)
    return render(request, "histos/of_run.html", context)


def _lumisection(run: Run, ls: int) -> Lumisection:
    found = Lumisection.objects.visible().filter(run=run, number=ls).select_related("run").first()
    if found is None:
        raise Http404
    return found


def _folder(params: QueryDict) -> str:
    folder = params.get("folder", "").replace("\0", "")[:255]
    return folder if not folder or folder.endswith("/") else folder + "/"


def _kept(params: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name in KEPT if (value := params.get(name, ""))]


def _jump(request: HttpRequest, experiment: str, number: int) -> HttpResponse:
    """The same folder in the run and lumisection that were typed."""
    run, ls = place_of(request.GET["jump"])
    params = QueryDict(mutable=True)
    params.update(dict(_kept(request.GET)))
    return redirect(
        reverse("run-elements", args=[experiment, number if run is None else run]) + changed(params, ls=ls)
    )


def _walk(params: QueryDict, run: Run, ls: int | None, grid: Grid | None) -> dict[str, Any]:
    """The runs and lumisections beside, everything else as it is."""
    before, after = Run.objects.neighbours(run.experiment, run.number)
    plain = changed(params, ls=None, after=None)
    urls = [
        "" if number is None else reverse("run-elements", args=[run.experiment, number]) + plain
        for number in (before, after)
    ]
    found = {"run_before": before, "run_after": after, "run_before_url": urls[0], "run_after_url": urls[1]}
    if ls is None:
        first = grid.first_ls if grid else None
        return found | {"first_ls": first, "first_url": changed(params, ls=first, after=None)}
    sections = dict(zip(("ls_before", "ls_after"), Lumisection.objects.neighbours(run.pk, ls), strict=True))
    return found | sections | {
        "ls_before_url": changed(params, ls=sections["ls_before"]),
        "ls_after_url": changed(params, ls=sections["ls_after"]), "trends_url": changed(params, ls=None),
    }  # fmt: skip


def _tree(request: HttpRequest, grid: Grid) -> dict[str, Any]:
    params, rates = request.GET, rates_on(request, grid.run, grid.dataset, grid.ls)
    around = crumbs(grid.folder)
    up = around[-2].path if len(around) > 1 else None
    return {
        "rates": rates, "crumbs": [(one, changed(params, folder=one.path, after=None)) for one in around],
        "top_url": changed(params, folder=None, after=None),
        "up_url": changed(params, folder=up, after=None) if grid.folder else "",
        "folders": [
            (one, changed(params, folder=one.path, after=None), rates.below(one.path)) for one in grid.folders
        ],
        "cards": [(one, rates.of(one.element.name)) for one in grid.pictures],
        "widths": [(name, changed(params, across=None if name == ACROSS[0] else name)) for name in ACROSS],
        "dataset_urls": [(one, changed(params, dataset=one.name, folder=None, after=None)) for one in grid.datasets],
        "next_url": changed(params, after=grid.next) if grid.next else "",
        "previous_url": "" if grid.previous is None else changed(params, after=grid.previous or None),
        "trial_hidden": [(name, value) for name, value in params.items() if name != "trial"],
    }  # fmt: skip
