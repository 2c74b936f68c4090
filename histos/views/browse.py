"""Where the tree begins: datasets, and the runs that hold histograms in the chosen one."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from histos.models import Dataset, LumisectionHistogram
from histos.views.asking import says_what_is_wrong
from histos.views.parameters import place_of, whole
from histos.views.state import changed
from project.access import reader_required
from project.errors import UserError
from runs.models import Lumisection, Run

LOOKED_AT = 60
"""Runs that one page looks through: of a run without the dataset every lumisection is asked for it."""
MOST_DATASETS = 200


@require_safe
@reader_required
@says_what_is_wrong
def browse(request: HttpRequest) -> HttpResponse:
    """``before`` is the number of the last run seen; ``jump`` goes straight to a run or lumisection."""
    if request.GET.get("jump"):
        return _jump(request)
    datasets = list(Dataset.objects.visible()[:MOST_DATASETS])
    named = request.GET.get("dataset", "")
    dataset = next(
        (one for one in datasets if one.name == named), None if named else next(iter(datasets), None)
    )
    if named and dataset is None:
        raise UserError(f"dataset: there is none called {named[:120]!r}")
    context: dict[str, Any] = {
        "datasets": [(one, changed(request.GET, dataset=one.name, before=None)) for one in datasets],
        "dataset": dataset, "experiment": request.GET.get("experiment", "")[:64],
        "carried": [("dataset", dataset.name)] if dataset else [],
    }  # fmt: skip
    if dataset:
        context |= _runs(request, dataset, context["experiment"].replace("\0", ""))
    return render(request, "histos/browse.html", context)


def _runs(request: HttpRequest, dataset: Dataset, experiment: str) -> dict[str, Any]:
    runs = Run.objects.visible()
    experiments = list(runs.order_by("experiment").values_list("experiment", flat=True).distinct()[:20])
    if experiment:
        runs = runs.of(experiment)
    shown, further = _holding(runs, dataset, whole(request.GET, "before", least=0))
    return {
        "runs": shown, "looked_at": LOOKED_AT, "first_page": not request.GET.get("before"),
        "further_url": changed(request.GET, before=further) if further is not None else "",
        "first_url": changed(request.GET, before=None),
        "experiments": [(one, changed(request.GET, experiment=one, before=None)) for one in experiments],
    }  # fmt: skip


def _holding(runs: QuerySet, dataset: Dataset, before: int | None) -> tuple[list[Run], int | None]:
    """Of the highest run numbers below ``before`` those with the dataset, and where the next page begins."""
    nearest = runs.order_by("-number", "-pk")
    rows = list(
        (nearest if before is None else nearest.filter(number__lt=before)).values_list("pk", "number")[
            : LOOKED_AT + 1
        ]
    )
    lumisections = Lumisection.objects.order_by().filter(run=OuterRef(OuterRef("pk"))).values("pk")
    held = LumisectionHistogram.objects.filter(dataset=dataset, lumisection_id__in=lumisections)
    there = Run.objects.filter(pk__in=[pk for pk, _ in rows[:LOOKED_AT]]).filter(Exists(held.visible()))
    return list(there.order_by("-number", "-pk")), rows[LOOKED_AT - 1][1] if len(rows) > LOOKED_AT else None


def _jump(request: HttpRequest) -> HttpResponse:
    number, ls = place_of(request.GET["jump"])
    if number is None:
        raise UserError(f"jump: {request.GET['jump'][:40]!r} names no run")
    runs = Run.objects.visible().filter(number=number)
    if experiment := request.GET.get("experiment", "").replace("\0", ""):
        runs = runs.of(experiment)
    run = runs.order_by("experiment").first()
    if run is None:
        raise UserError(f"jump: there is no run {number}")
    kept = changed(request.GET, jump=None, experiment=None, before=None, ls=ls)
    return redirect(reverse("run-elements", args=[run.experiment, run.number]) + kept)
