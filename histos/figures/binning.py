"""Merging what is finer than a plot can show, and saying so. NumPy only."""

from typing import NamedTuple

import numpy as np

MOST_ROWS, MOST_COLUMNS, MOST_VALUES = 120, 2_000, 36_000
"""Of a heat map: so many values, as base64 of single precision, stay below 200 kB."""


class Columns(NamedTuple):
    """Lumisections side by side, ``step`` of them in each column: ``first`` is the middle one of the first column.

    ``low`` is the first lumisection drawn; every ``merge`` of them are one already.
    """

    first: int
    step: int
    n: int
    low: int
    merge: int = 1

    def of(self, numbers: np.ndarray) -> np.ndarray:
        return (numbers - self.low) // self.step


def columns_for(low: int, high: int, rows: int, merge: int = 1) -> Columns:
    """Columns for the lumisections from ``low`` to ``high`` in a heat map of so many rows.

    A column takes an odd number of them, so that its middle is one of them.
    """
    most = max(min(MOST_COLUMNS, MOST_VALUES // rows), 1)
    there = (high - low) // merge + 1
    together = -(-there // most)
    together += 1 - together % 2
    return Columns(low + together // 2 * merge, together * merge, -(-there // together), low, merge)


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
