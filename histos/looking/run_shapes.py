"""The histogram of an element in each of many runs, and what is read off it."""

import numpy as np

from histos.looking.in_run import cells_of
from histos.looking.run_conditions import OF_EACH, looked_at
from histos.models import Dataset, LumisectionHistogram, MonitoringElement, RunHistogram
from histos.moments import moment
from histos.querysets import edges_of
from histos.reference import as_entries
from project.bulk import raw_rows
from project.vectors import decode_matrix
from runs.models import Run

MOST_CELLS = 1_000_000
PerRun = tuple[list[int], np.ndarray, np.ndarray]
"""Row ids of runs, entries (n,), counts (n, cells)."""


def of_runs(element: MonitoringElement, dataset: Dataset, runs: list[Run]) -> PerRun:
    held = RunHistogram.objects.visible().order_by().filter(element=element, dataset=dataset, run__in=runs)
    rows = raw_rows(held.values_list("run", "entries", "counts"))
    counts = decode_matrix([bytes(row[2]) for row in rows], cells_of(element))
    return [row[0] for row in rows], np.array([row[1] for row in rows], float), counts


def of_lumisections(element: MonitoringElement, dataset: Dataset, runs: list[Run]) -> PerRun:
    """Of each run the sum of a few lumisections; its entries are those of a mean lumisection."""
    each = min(OF_EACH, max(MOST_CELLS // (cells_of(element) * max(len(runs), 1)), 1))
    run_of = dict(looked_at(runs, each).values_list("pk", "run"))
    held = LumisectionHistogram.objects.visible().order_by()
    held = held.filter(element=element, dataset=dataset, lumisection_id__in=[*run_of])
    rows = sorted(
        raw_rows(held.values_list("lumisection_id", "entries", "counts")), key=lambda row: run_of[row[0]]
    )
    if not rows:
        return [], np.empty(0), np.empty((0, cells_of(element)))
    counts = decode_matrix([bytes(row[2]) for row in rows], cells_of(element))
    there, starts, sizes = np.unique([run_of[row[0]] for row in rows], return_index=True, return_counts=True)
    entries = np.add.reduceat(np.array([row[1] for row in rows], float), starts) / sizes
    summed = np.add.reduceat(counts, starts, axis=0)
    profile = element.storage == element.Storage.MEAN
    return there.tolist(), entries, summed / sizes[:, None] if profile else summed


def values_of(
    element: MonitoringElement, counts: np.ndarray, wanted: str, bin: int | None
) -> tuple[np.ndarray, np.ndarray]:
    nothing = np.full(len(counts), np.nan)
    if element.dimension != 1:
        return (counts != 0).mean(axis=1) if len(counts) else nothing, nothing
    if element.storage == element.Storage.MEAN:
        return (counts[:, bin] if bin is not None else np.nan_to_num(counts[:, 1:-1]).mean(axis=1)), nothing
    if bin is None:
        found = moment(wanted, counts, edges_of(element)[0])
        return found.values, found.errors
    totals = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts[:, bin] / totals, np.sqrt(np.maximum(counts[:, bin], 0)) / totals


def shapes_of(element: MonitoringElement, counts: np.ndarray) -> np.ndarray:
    if element.dimension != 1:
        return np.empty((len(counts), 0))
    if element.storage == element.Storage.MEAN:
        return counts
    return as_entries(counts, np.ones(len(counts)))
