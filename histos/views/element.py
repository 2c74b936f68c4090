"""One monitoring element: what it is, and where it was measured."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from histos.looking.examples import examples_of
from histos.looking.folders import crumbs
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from histos.views.asking import says_what_is_wrong
from histos.views.parameters import whole
from histos.views.snippets import snippet_of
from histos.views.state import element_at
from project.access import reader_required
from project.errors import UserError
from runs.models import Lumisection, Run

LOOKED_AT = 100
"""Runs that one page looks through: of a run without the element, every lumisection is asked for it."""


@require_safe
@reader_required
@says_what_is_wrong
def element(request: HttpRequest, pk: int) -> HttpResponse:
    found = element_at(pk)
    held = LumisectionHistogram.objects.filter(element=found, dataset=OuterRef("pk")).visible()
    datasets = list(Dataset.objects.visible().filter(Exists(held)))
    named = request.GET.get("dataset", "")
    dataset = next(
        (one for one in datasets if one.name == named), None if named else next(iter(datasets), None)
    )
    if named and dataset is None:
        raise UserError(f"dataset: {named!r} holds no histogram of this element")
    folder = found.name.rpartition("/")[0]
    context: dict[str, Any] = {
        "element": found, "datasets": datasets, "dataset": dataset, "crumbs": crumbs(folder + "/" if folder else ""),
        "example": examples_of([found.pk])[found.pk], "axes": found.axes,
        "binnings": list(MonitoringElement.objects.visible().filter(name=found.name).exclude(pk=pk)[:20]),
    }  # fmt: skip
    if dataset:
        context |= _runs(found, dataset, whole(request.GET, "before")) | _links(found, dataset)
    return render(request, "histos/element.html", context)


def _runs(found: MonitoringElement, dataset: Dataset, before: int | None) -> dict[str, Any]:
    """The latest runs that hold the element, or those before row ``before``; each page looks at so many runs only."""
    runs = Run.objects.visible().order_by("-pk")
    nearest = list(
        (runs.filter(pk__lt=before) if before else runs).values_list("pk", flat=True)[: LOOKED_AT + 1]
    )
    lumisections = Lumisection.objects.order_by().filter(run=OuterRef(OuterRef("pk"))).values("pk")
    held = LumisectionHistogram.objects.filter(
        element=found, dataset=dataset, lumisection_id__in=lumisections
    )
    shown = Run.objects.filter(pk__in=nearest[:LOOKED_AT]).filter(Exists(held.visible())).order_by("-pk")
    further = nearest[LOOKED_AT - 1] if len(nearest) > LOOKED_AT else None
    return {"runs": list(shown), "further": further, "first_page": before is None, "looked_at": LOOKED_AT}


def _links(found: MonitoringElement, dataset: Dataset) -> dict[str, str]:
    histograms = reverse("lumisection-histograms-list")
    asked: dict[str, str | int] = {"element_id": found.pk, "dataset": dataset.name}
    chosen = urlencode(asked)
    return {
        "snippet": snippet_of(found, dataset),
        "api": f"{histograms}?{chosen}",
        "uhi": f"{histograms}?{chosen}&format=uhi",
    }
