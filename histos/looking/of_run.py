"""The elements of a run as small pictures: trends over its lumisections, or the histograms of one of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from histos.looking.elements_in import evenly, lumisections_of
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from histos.moments import positions
from histos.querysets import edges_of
from histos.reference import mean_and_spread
from histos.small_plots import small_plot
from project.asked import plain
from project.sparks import spark
from project.vectors import decode_matrix
from runs.models import Lumisection

IN_TREND, IN_REFERENCE = 40, 8
"""Lumisections, evenly spaced over the run, that a small trend or a small reference is made of."""


@dataclass(frozen=True)
class Small:
    """An element with its picture; ``words`` say what is drawn."""

    element: MonitoringElement
    picture: SafeString
    words: str

    @property
    def name(self) -> str:
        return self.element.name.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.element.name.rpartition("/")[0]


def trends(listed: np.ndarray, dataset: Dataset, elements: list[MonitoringElement]) -> list[Small]:
    """The mean of each element, of maps and profiles the entries or the mean content, over the run: two queries.

    ``listed`` are the ids of the run's lumisections in order.
    """
    lumisections = evenly(listed, IN_TREND)
    flat = [element for element in elements if element.dimension == 1]
    rows = _rows(lumisections, dataset, flat, "counts")
    # Of maps the entries tell the trend: their counts are large.
    rows |= _rows(lumisections, dataset, [one for one in elements if one.dimension != 1], "entries")
    return [_trend(element, lumisections, rows.get(element.pk, {})) for element in elements]


def _rows(
    lumisections: list[int], dataset: Dataset, elements: Iterable[MonitoringElement], column: str
) -> dict[int, dict[int, object]]:
    """By element and lumisection the value of a column, as the driver gives it."""
    asked = [element.pk for element in elements]
    found: dict[int, dict[int, object]] = defaultdict(dict)
    if not asked:
        return found

    def build() -> QuerySet:
        held = LumisectionHistogram.objects.visible().filter(dataset=dataset).filter(element_id__in=asked)
        chosen = held.filter(lumisection_id__in=lumisections).order_by()
        return chosen.values_list("element_id", "lumisection_id", column)

    shape = "of elements", column, dataset.pk, len(asked), len(lumisections)
    for element, lumisection, value in plain(shape, (*asked, *lumisections), build):
        found[element][lumisection] = value
    return found


def _trend(element: MonitoringElement, lumisections: list[int], rows: dict[int, object]) -> Small:
    places = [place for place, pk in enumerate(lumisections) if pk in rows]
    there = [lumisections[place] for place in places]
    values = np.full(len(lumisections), np.nan)
    if element.dimension != 1:
        values[places], words = [float(rows[pk]) for pk in there], "entries"  # type: ignore[arg-type]
    else:
        counts = _matrix(element, [rows[pk] for pk in there])
        means = element.storage == element.Storage.MEAN
        content = (
            np.nan_to_num(counts[:, 1:-1]).mean(axis=1) if means else positions(counts, edges_of(element)[0])
        )
        values[places], words = content, "mean content of the bins" if means else "mean"
    return Small(element, spark(values.tolist(), words), f"{words} over the run")


def _matrix(element: MonitoringElement, blobs: list[object]) -> np.ndarray:
    cells = int(np.prod([axis["bins"] + 2 for axis in element.axes]))
    return decode_matrix([bytes(blob) for blob in blobs], cells)  # type: ignore[call-overload]


def histograms(lumisection: Lumisection, dataset: Dataset, elements: list[MonitoringElement]) -> list[Small]:
    """The histograms of one lumisection, each over the average of a few others of its run: three queries."""
    listed = lumisections_of(lumisection.run)[:, 0]
    others = [pk for pk in evenly(listed, IN_REFERENCE) if pk != lumisection.pk]
    own = _rows([lumisection.pk], dataset, elements, "counts")
    flat = [element for element in elements if element.dimension == 1]
    beside = _rows(others, dataset, flat, "counts")
    return [
        Small(element, _picture(element, own[element.pk][lumisection.pk], beside.get(element.pk, {})), "")
        for element in elements
        if element.pk in own
    ]


def _picture(element: MonitoringElement, blob: object, beside: dict[int, object]) -> SafeString:
    (counts,) = _matrix(element, [blob])
    if not beside:
        return small_plot(element, counts)
    others = _matrix(element, [*beside.values()])
    means = element.storage == element.Storage.MEAN
    return small_plot(element, counts, mean_and_spread(others)[0] if means else others.sum(axis=0))
