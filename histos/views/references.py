"""Which runs may be the reference."""

from typing import NamedTuple

from django.db.models import Exists, OuterRef

from histos.models import Dataset, LumisectionHistogram
from histos.views.state import OWN, Opened
from runs.models import Lumisection, Run

NEARBY = 8
"""Runs offered before this one, and after it; the address takes any."""


class Choice(NamedTuple):
    value: str
    label: str
    chosen: bool


def reference_choices(found: Opened, dataset: Dataset) -> list[Choice]:
    """The run's own average, the nearest runs that hold the element, and what is chosen now."""
    numbers = sorted({*_nearby(found, dataset), *filter(None, [found.asked.reference])}, reverse=True)
    now = found.asked.reference
    own = Choice(OWN, "the other lumisections of this run", now is None)
    return [own, *(Choice(f"run:{number}", f"run {number}", number == now) for number in numbers)]


def _nearby(found: Opened, dataset: Dataset) -> list[int]:
    """Of the nearest runs alone it is asked whether they hold the element: most do."""
    runs, number = Run.objects.visible().of(found.run.experiment), found.run.number
    sides = (
        runs.filter(number__lt=number).order_by("-number"),
        runs.filter(number__gt=number).order_by("number"),
    )
    nearest = [pk for side in sides for pk in side.values_list("pk", flat=True)[:NEARBY]]
    lumisections = Lumisection.objects.order_by().filter(run=OuterRef(OuterRef("pk"))).values("pk")
    held = LumisectionHistogram.objects.filter(
        element=found.element, dataset=dataset, lumisection_id__in=lumisections
    )
    holding = Run.objects.filter(pk__in=nearest).filter(Exists(held.visible()))
    return list(holding.values_list("number", flat=True))
