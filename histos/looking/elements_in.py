"""Which elements a run holds, found without reading all of its histograms."""

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.asked import objects, plain
from project.querysets import loading_file_ids
from project.shapes import known, known_of
from runs.models import Lumisection, Run

LOOKED_AT = 16
"""Lumisections of a run, evenly spaced, that tell which elements it holds."""


def lumisections_of(run: Run) -> np.ndarray:
    """(n, 2): the ids of all lumisections of a run and their numbers, in order: one query."""

    def build() -> QuerySet:
        return Lumisection.objects.visible().filter(run=run).order_by("number").values_list("pk", "number")

    return np.array(plain("lumisections of", (run.pk,), build), int).reshape(-1, 2)


def evenly(values: np.ndarray, most: int = LOOKED_AT) -> list[int]:
    """At most ``most`` of ``values`` (n,), evenly spaced, first and last among them."""
    places = np.linspace(0, len(values) - 1, min(most, len(values))).astype(int)
    return [int(value) for value in values[np.unique(places)]]


def held_by(lumisections: list[int]) -> QuerySet:
    """Their histograms, by index alone: which files are loading is asked once, here, not of every row."""
    held = LumisectionHistogram.objects.order_by().filter(lumisection_id__in=lumisections)
    hidden = loading_file_ids()
    if hidden:
        held = held.exclude(file_id__in=hidden)
    return known(held, ("held by", len(lumisections), len(hidden)), *lumisections, *hidden)


def held_in(run: Run) -> bool:
    """Whether there is any histogram of a run's lumisections: one query, which ends at the first."""

    def build() -> QuerySet:
        sections = Lumisection.objects.visible().filter(run=run).order_by().values("pk")
        return (
            LumisectionHistogram.objects.visible().filter(lumisection_id__in=sections).values_list("pk")[:1]
        )

    return bool(plain("held in", (run.pk,), build))


def datasets_of(held: QuerySet) -> list[Dataset]:
    """Datasets with any of these histograms, by name."""
    shape, values = known_of(held)

    def build() -> QuerySet:
        return Dataset.objects.visible().filter(Exists(held.filter(dataset=OuterRef("pk"))))

    return objects(("datasets", shape), values, build, Dataset)


def elements_of(held: QuerySet, dataset: Dataset) -> QuerySet:
    """Elements of any of these histograms in the dataset, by name and binning."""
    shape, values = known_of(held)
    there = held.filter(dataset=dataset).values("element_id")
    found = MonitoringElement.objects.visible().filter(pk__in=there).order_by("name", "binning")
    return known(found, ("elements", shape), *values, dataset.pk)


def first_of(elements: QuerySet, most: int) -> list[MonitoringElement]:
    """The first of what ``elements_of`` gave, or of some of these."""
    if not hasattr(elements, "known"):
        return list(elements[:most])
    shape, values = known_of(elements)
    return objects(("first", most, shape), values, lambda: elements[:most], MonitoringElement)


def after(elements: QuerySet, element: MonitoringElement) -> QuerySet:
    """Those of ``elements`` that come after ``element``."""
    return elements.filter(Q(name__gt=element.name) | Q(name=element.name, binning__gt=element.binning))


def before(elements: QuerySet, element: MonitoringElement) -> QuerySet:
    """Those that come before it, the nearest first."""
    earlier = Q(name__lt=element.name) | Q(name=element.name, binning__lt=element.binning)
    return elements.filter(earlier).order_by("-name", "-binning")
