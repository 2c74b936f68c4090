"""One histogram and its reference in the numbers that are drawn."""

from dataclasses import dataclass

import numpy as np

from histos.figures.binning import even
from histos.figures.norms import divisors
from histos.looking.in_run import InRun
from histos.models import MonitoringElement
from histos.reference import Deviation


@dataclass(frozen=True)
class One:
    """Row ``row`` of ``here`` with its ``deviation`` (one row): ``values``, ``errors`` and ``expected``, (cells,).

    As drawn: in entries, as a fraction of them or per exposure, and per unit of x where bins differ in width; the flow
    bins, which have no width, per mean width then. ``errors`` are NaN where they are not known. ``counted`` (cells,) is
    what the deviation expects, in the counts that are compared.
    """

    values: np.ndarray
    errors: np.ndarray
    expected: np.ndarray
    counted: np.ndarray
    pulls: np.ndarray
    edges: np.ndarray

    @classmethod
    def of(cls, here: InRun, row: int, deviation: Deviation, norm: str) -> "One":
        edges, values = here.edges[0], here.comparable[row]
        exposure = {name: one[row : row + 1] for name, one in here.compared.exposure.items()}
        (divisor,) = divisors(norm, values.sum()[None], exposure, here.means)
        weight = 1.0 if norm == "area" else _weight_of_an_entry(here, row)
        scale = weight / (_widths(here, edges, len(values)) * divisor)
        counts = here.element.storage == MonitoringElement.Storage.COUNT
        errors = np.sqrt(np.clip(values, 0, None)) * scale if counts else np.full(len(values), np.nan)
        counted = deviation.expected[0]
        return cls(values * scale, errors, counted * scale, counted, deviation.pulls[0], edges)


def _widths(here: InRun, edges: np.ndarray, cells: int) -> np.ndarray:
    if here.means or even(edges):
        return np.ones(cells)
    inside = np.diff(edges)
    return np.concatenate([[inside.mean()], inside, [inside.mean()]])


def _weight_of_an_entry(here: InRun, row: int) -> float:
    """What turns the entries that weights stand for back into their sum; 1 for counts and means."""
    if here.means or not here.comparable[row].sum():
        return 1.0
    return float(np.nansum(here.counts[row]) / here.comparable[row].sum())


def steps(values: np.ndarray) -> np.ndarray:
    """Values of the bins, the last one twice: a step needs its right end."""
    return single(np.append(values[1:-1], values[-2]))


def single(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, "<f4")


def signs(pulls: np.ndarray) -> list[str]:
    """The colours of the maps of pulls: orange above the reference, blue below."""
    return ["--c1" if pull > 0 else "--c0" for pull in pulls]
