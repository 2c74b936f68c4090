"""Which elements a run holds, found without reading all of its histograms."""

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.querysets import loading_file_ids
from runs.models import Run

LOOKED_AT = 16
"""Lumisections of a run, evenly spaced, that tell which elements it holds."""


def lumisections_of(run: Run, most: int = LOOKED_AT) -> list[int]:
    """Ids of at most ``most`` lumisections of a run in order, evenly spaced, first and last among them."""
    return evenly(
        np.array(run.lumisections.visible().order_by("number").values_list("pk", flat=True), int), most
    )


def evenly(values: np.ndarray, most: int = LOOKED_AT) -> list[int]:
    places = np.linspace(0, len(values) - 1, min(most, len(values))).astype(int)
    return [int(value) for value in values[np.unique(places)]]


def _held(lumisections: list[int]) -> QuerySet:
    """Their histograms, by index alone: which files are loading is asked once, not of every row."""
    held = LumisectionHistogram.objects.order_by().filter(lumisection_id__in=lumisections)
    hidden = loading_file_ids()
    return held.exclude(file_id__in=hidden) if hidden else held


def datasets_of(lumisections: list[int]) -> list[Dataset]:
    """Datasets with histograms in any of these lumisections, by name."""
    return list(Dataset.objects.visible().filter(Exists(_held(lumisections).filter(dataset=OuterRef("pk")))))


def elements_of(lumisections: list[int], dataset: Dataset) -> QuerySet:
    """Elements measured in any of these lumisections, by name and binning."""
    held = _held(lumisections).filter(dataset=dataset)
    return (
        MonitoringElement.objects.visible()
        .filter(pk__in=held.values("element_id"))
        .order_by("name", "binning")
    )


def after(elements: QuerySet, element: MonitoringElement) -> QuerySet:
    """Those of ``elements`` that come after ``element``."""
    return elements.filter(Q(name__gt=element.name) | Q(name=element.name, binning__gt=element.binning))


def before(elements: QuerySet, element: MonitoringElement) -> QuerySet:
    """Those that come before it, the nearest first."""
    earlier = Q(name__lt=element.name) | Q(name=element.name, binning__lt=element.binning)
    return elements.filter(earlier).order_by("-name", "-binning")
