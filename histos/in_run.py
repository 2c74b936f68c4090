"""The histograms of one element in one run and dataset, read at once, and how each compares with a reference."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from histos import reference as against
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from histos.querysets import edges_of
from project.bulk import raw_rows
from project.vectors import decode_matrix
from runs.models import Run

MOST_CELLS = 800_000
"""Of larger histograms so many are read, evenly spaced, as hold this many cells together."""
CELLS_AT_ONCE = 1 << 16
"""Compared in one go: temporary arrays of this size stay in the processor's cache."""


@dataclass(frozen=True, kw_only=True)
class InRun:
    """``numbers`` (n,) are the lumisections that hold a histogram, ``entries`` (n,) how many entries each has.

    ``counts`` (m, cells), as stored, are those of ``rows`` (m,), places in ``numbers``: all of them, unless they are
    too large to be read at once. ``listed`` (k,) are all lumisections of the run, ``ids`` their rows.
    """

    element: MonitoringElement
    run: Run
    dataset: Dataset
    listed: np.ndarray
    ids: np.ndarray
    numbers: np.ndarray
    entries: np.ndarray
    rows: np.ndarray
    counts: np.ndarray

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
    def comparable(self) -> np.ndarray:
        """(m, cells): counts; of weights, what they stand for in entries; of a profile its means."""
        if self.element.storage in (MonitoringElement.Storage.COUNT, MonitoringElement.Storage.MEAN):
            return self.counts
        weights = np.nan_to_num(self.counts, posinf=0, neginf=0)
        return against.as_entries(weights, self.entries[self.rows])

    @property
    def read(self) -> np.ndarray:
        """Numbers of the lumisections whose counts were read."""
        return np.asarray(self.numbers[self.rows])

    def row_of(self, lumisection: int) -> int | None:
        """Place in ``counts`` of a lumisection; None where it has no histogram."""
        at = int(np.searchsorted(self.read, lumisection))
        return at if at < len(self.rows) and self.read[at] == lumisection else None

    def shaped(self, values: np.ndarray) -> np.ndarray:
        """One histogram's cells as (x,) or (y, x), flow bins included."""
        return values.reshape([len(edges) + 1 for edges in reversed(self.edges)])


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


def read_in_run(element: MonitoringElement, run: Run, dataset: Dataset, wanted: int | None = None) -> InRun:
    """Two queries, one more where the histograms are too large for all to be read; ``wanted`` is read in any case."""
    number_of = dict(run.lumisections.visible().order_by("number").values_list("pk", "number"))
    histograms = histograms_of(element, run, dataset)
    cells = int(np.prod([axis["bins"] + 2 for axis in element.axes]))
    most = max(MOST_CELLS // cells, 2)
    if len(number_of) <= most:
        found = _in_order(raw_rows(histograms.values_list("lumisection_id", "entries", "counts")), number_of)
        rows = np.arange(len(found))
        blobs = [row[2] for row in found]
    else:
        found = _in_order(raw_rows(histograms.values_list("lumisection_id", "entries", "pk")), number_of)
        rows = _evenly([row[0] for row in found], most, wanted)
        by_key = dict(
            raw_rows(histograms.filter(pk__in=[found[row][2] for row in rows]).values_list("pk", "counts"))
        )
        blobs = [by_key[found[row][2]] for row in rows]
    return InRun(
        element=element, run=run, dataset=dataset,
        listed=np.array([*number_of.values()], int), ids=np.array([*number_of], int),
        numbers=np.array([row[0] for row in found], int), entries=np.array([row[1] for row in found], float),
        rows=rows, counts=decode_matrix([bytes(blob) for blob in blobs], cells),
    )  # fmt: skip


def _in_order(rows: list[tuple], number_of: dict[int, int]) -> list[tuple]:
    """Rows by number of the lumisection, which stands first in each."""
    return sorted(
        ((number_of[row[0]], *row[1:]) for row in rows if row[0] in number_of), key=lambda row: row[0]
    )


def _evenly(numbers: list[int], most: int, wanted: int | None) -> np.ndarray:
    """Places of at most ``most`` + 1 of ``numbers``, first, last and ``wanted`` among them."""
    chosen = {*np.linspace(0, len(numbers) - 1, min(most, len(numbers))).astype(int).tolist()}
    return np.array(sorted(chosen | ({numbers.index(wanted)} if wanted in numbers else set())), int)


def reduced(here: InRun, other: InRun | None = None) -> np.ndarray:
    """χ²/ndf (m,) of every histogram read, against the average of ``other``, a run, or of the others of its own run."""
    values = here.comparable
    if here.means:
        averaged = (
            against.mean_and_spread_of_others(values)
            if other is None
            else against.mean_and_spread(other.counts)
        )
        return against.of_means(values, *averaged).reduced
    total = values.sum(axis=0) if other is None else other.comparable.sum(axis=0)
    step = max(CELLS_AT_ONCE // values.shape[1], 1)
    found = [
        against.of_counts(block, total - block if other is None else total).reduced
        for block in (values[row : row + step] for row in range(0, len(values), step))
    ]
    return np.concatenate([np.empty(0), *found])


def reference_of(here: InRun, row: int, other: InRun | None = None) -> np.ndarray:
    """The reference of one histogram, (cells,): a sum of counts, or the mean of a profile's means."""
    if here.means:
        return against.mean_and_spread(_without(here, row) if other is None else other.counts)[0]
    if other is not None:
        return np.asarray(other.comparable.sum(axis=0))
    return np.asarray(here.comparable.sum(axis=0) - here.comparable[row])


def deviation_at(here: InRun, row: int, other: InRun | None = None) -> against.Deviation:
    """One histogram against its reference, in one row."""
    one = here.comparable[row : row + 1]
    if here.means:
        return against.of_means(
            one, *against.mean_and_spread(_without(here, row) if other is None else other.counts)
        )
    return against.of_counts(one, reference_of(here, row, other))


def _without(here: InRun, row: int) -> np.ndarray:
    return np.delete(here.counts, row, axis=0)
