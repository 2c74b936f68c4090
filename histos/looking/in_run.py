"""The histograms of one element in one run and dataset, read at once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from histos.looking.comparing import Compared, usable
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from histos.querysets import edges_of
from project.bulk import raw_rows
from project.vectors import decode_matrix
from runs.models import Run

MOST_CELLS = 800_000
"""Of larger histograms so many are read, evenly spaced, as hold this many cells together."""


@dataclass(frozen=True, kw_only=True)
class InRun:
    """``numbers`` (n,) are the lumisections that hold a histogram, ``entries`` (n,) how many entries each has.

    ``counts`` (m, cells), as stored, are those of ``rows`` (m,), places in ``numbers``: all of them, unless they are
    too large to be read at once. ``listed`` (k,) are all lumisections of the run, ``ids`` their rows. ``luminosity``
    (n,) in pb⁻¹, recorded, and ``pileup`` (n,) are NaN where they are not known or next to nothing.

    Where ``merge`` lumisections are added up, a number is that of the middle one, and luminosity and pile-up are sums
    too: what the entries are to be divided by.
    """

    element: MonitoringElement
    run: Run
    dataset: Dataset
    listed: np.ndarray
    ids: np.ndarray
    numbers: np.ndarray
    entries: np.ndarray
    luminosity: np.ndarray
    pileup: np.ndarray
    rows: np.ndarray
    counts: np.ndarray
    merge: int = 1

    @cached_property
    def edges(self) -> tuple[np.ndarray, ...]:
        return edges_of(self.element)

    @property
    def means(self) -> bool:
        """Whether it is a profile: bins hold means, which have no sum."""
        return self.element.storage == MonitoringElement.Storage.MEAN

    @property
    def sampled(self) -> bool:
        return len(self.rows) < len(self.numbers)

    @cached_property
    def compared(self) -> Compared:
        """What was read, as it is compared: (m, cells)."""
        exposure = {"luminosity": self.luminosity[self.rows], "pileup": self.pileup[self.rows]}
        return Compared.of(self.element, self.counts, self.entries[self.rows], exposure)

    @property
    def comparable(self) -> np.ndarray:
        return self.compared.values

    @property
    def read(self) -> np.ndarray:
        """Numbers of the lumisections whose counts were read."""
        return np.asarray(self.numbers[self.rows])

    def row_of(self, lumisection: int) -> int | None:
        """Place in ``counts`` of a lumisection, or of those it is merged with; None where it has no histogram."""
        number = middle(np.array([lumisection]), self.merge)[0]
        at = int(np.searchsorted(self.read, number))
        return at if at < len(self.rows) and self.read[at] == number else None

    def shaped(self, values: np.ndarray) -> np.ndarray:
        """One histogram's cells as (x,) or (y, x), flow bins included."""
        return values.reshape([len(edges) + 1 for edges in reversed(self.edges)])


def middle(numbers: np.ndarray, merge: int) -> np.ndarray:
    """The number under which a lumisection stands where ``merge`` are taken together, counted from lumisection 1."""
    return (numbers - 1) // merge * merge + 1 + (merge - 1) // 2


def histograms_of(element: MonitoringElement, run: Run, dataset: Dataset) -> QuerySet:
    lumisections = run.lumisections.order_by().values("pk")
    return LumisectionHistogram.objects.filter(
        element=element, dataset=dataset, lumisection_id__in=lumisections
    ).visible()


def datasets_in(element: MonitoringElement, run: Run) -> list[Dataset]:
    """The datasets in which the element was measured in the run, by name."""
    held = LumisectionHistogram.objects.filter(
        element=element, dataset=OuterRef("pk"), lumisection_id__in=run.lumisections.order_by().values("pk")
    )
    return list(Dataset.objects.visible().filter(Exists(held.visible())))


def cells_of(element: MonitoringElement) -> int:
    return int(np.prod([axis["bins"] + 2 for axis in element.axes]))


def read_in_run(
    element: MonitoringElement, run: Run, dataset: Dataset, wanted: int | None = None, merge: int = 1
) -> InRun:
    """Two queries, one more where the histograms are too large for all to be read; ``wanted`` is read in any case.

    Of those too large, whole groups of ``merge`` neighbours are read; they are merged by ``merging.merged``.
    """
    columns = ("pk", "number", "recorded_luminosity", "pileup")
    listed = {row[0]: row for row in run.lumisections.visible().order_by("number").values_list(*columns)}
    found, blobs, rows = _read(histograms_of(element, run, dataset), element, listed, wanted, merge)
    there = [listed[row[0]] for row in found]
    return InRun(
        element=element, run=run, dataset=dataset,
        listed=np.array([row[1] for row in listed.values()], int), ids=np.array([*listed], int),
        numbers=np.array([row[1] for row in there], int), entries=np.array([row[1] for row in found], float),
        luminosity=usable("luminosity", np.array([row[2] for row in there], float)),
        pileup=usable("pileup", np.array([row[3] for row in there], float)),
        rows=rows, counts=decode_matrix([bytes(blob) for blob in blobs], cells_of(element)),
    )  # fmt: skip


def _read(
    histograms: QuerySet,
    element: MonitoringElement,
    listed: dict[int, tuple],
    wanted: int | None,
    merge: int,
) -> tuple[list[tuple], list[Any], np.ndarray]:
    """(lumisection id, entries, …) of all in order, the vectors that were read, and their places among all."""
    most = max(MOST_CELLS // cells_of(element), 2)
    if len(listed) <= most:
        found = _in_order(raw_rows(histograms.values_list("lumisection_id", "entries", "counts")), listed)
        return found, [row[2] for row in found], np.arange(len(found))
    found = _in_order(raw_rows(histograms.values_list("lumisection_id", "entries", "pk")), listed)
    rows = _evenly(np.array([listed[row[0]][1] for row in found], int), most, wanted, merge)
    # By their keys alone: beside the lumisections of the run, SQLite would try every key with each of these.
    chosen = LumisectionHistogram.objects.visible().filter(pk__in=[found[row][2] for row in rows])
    by_key = dict(raw_rows(chosen.values_list("pk", "counts")))
    return found, [by_key[found[row][2]] for row in rows], rows


def _in_order(rows: list[tuple], listed: dict[int, tuple]) -> list[tuple]:
    """Rows by number of the lumisection, whose id stands first in each."""
    return sorted((row for row in rows if row[0] in listed), key=lambda row: listed[row[0]][1])


def _evenly(numbers: np.ndarray, most: int, wanted: int | None, merge: int) -> np.ndarray:
    """Places of about ``most`` of ``numbers``, in whole groups: first, last and that of ``wanted`` among them."""
    groups = middle(numbers, merge)
    labels = np.unique(groups)
    places = np.linspace(0, len(labels) - 1, min(max(most // merge, 2), len(labels))).astype(int)
    chosen = {*labels[places].tolist()}
    if wanted is not None:
        chosen.add(int(middle(np.array([wanted]), merge)[0]))
    return np.flatnonzero(np.isin(groups, [*chosen]))
