"""All elements of a run, or of one of its lumisections, as small pictures."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from histos.slots import MOST, Grid, grid_of
from histos.views.element_in_run import says_what_is_wrong
from histos.views.state import run_at, whole
from project.access import reader_required
from runs.models import Lumisection


@require_safe
@reader_required
@says_what_is_wrong
def run_elements(request: HttpRequest, experiment: str, number: int) -> HttpResponse:
    """``ls`` shows the histograms of one lumisection, without it the trends; ``after`` is the last element seen."""
    run, ls = run_at(experiment, number), whole(request.GET, "ls")
    lumisection = None
    if ls is not None:
        lumisection = Lumisection.objects.visible().filter(run=run, number=ls).select_related("run").first()
        if lumisection is None:
            raise Http404
    grid: Grid | None = grid_of(
        run, lumisection, dataset=request.GET.get("dataset", ""), after_pk=whole(request.GET, "after")
    )
    context: dict[str, Any] = {"run": run, "lumisection": lumisection, "grid": grid, "most": MOST}
    return render(request, "histos/of_run.html", context)
