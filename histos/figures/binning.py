"""Merging what is finer than a plot can show, and saying so. NumPy only."""

from typing import NamedTuple

import numpy as np

MOST_ROWS, MOST_COLUMNS, MOST_VALUES = 120, 2_000, 54_000
"""Of a heat map: so many values, as base64 of single precision, stay below 300 kB."""


class Columns(NamedTuple):
    """Lumisections side by side, ``step`` of them in each column: ``first`` is the middle one of the first column.

    ``step`` is odd, so that the middle of a column is a lumisection.
    """

    first: int
    step: int
    n: int

    def of(self, numbers: np.ndarray) -> np.ndarray:
        return (numbers - self.first + self.step // 2) // self.step


def columns_for(low: int, high: int, rows: int) -> Columns:
    """Columns for the lumisections from ``low`` to ``high`` in a heat map of so many rows."""
    most = max(min(MOST_COLUMNS, MOST_VALUES // rows), 1)
    step = -(-(high - low + 1) // most)
    step += 1 - step % 2
    return Columns(low + step // 2, step, -(-(high - low + 1) // step))


def averaged(counts: np.ndarray, columns: np.ndarray, n: int) -> np.ndarray:
    """Mean of the rows of ``counts`` (m, cells) in each of ``n`` columns, (n, cells); NaN where there is none.

    ``columns`` (m,) must not fall.
    """
    table = np.full((n, counts.shape[1]), np.nan)
    if len(counts):
        there, starts, sizes = np.unique(columns, return_index=True, return_counts=True)
        table[there] = np.add.reduceat(counts, starts, axis=0) / sizes[:, None]
    return table


def merged(
    values: np.ndarray, edges: np.ndarray, most: int, means: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Neighbouring bins, along the last axis, added up (of means: averaged) to at most ``most``; and their edges."""
    bins = len(edges) - 1
    starts = np.arange(0, bins, -(-bins // most))
    ends = np.append(starts, bins)
    sums = np.add.reduceat(values, starts, axis=-1)
    return (sums / np.diff(ends) if means else sums), edges[ends]


def even(edges: np.ndarray) -> bool:
    """Whether all bins are of one width, up to what rounding does to it."""
    widths = np.diff(edges)
    return bool(np.ptp(widths) <= 1e-6 * abs(widths.mean()))
