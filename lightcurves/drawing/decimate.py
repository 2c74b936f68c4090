"""Fewer points that look the same: of each of many equal spans of the axis the lowest and the highest. No Django."""

import numpy as np

GAP = 8
"""A pause is no gap until it is so many times the usual step."""


def extremes(x: np.ndarray, y: np.ndarray, columns: int) -> np.ndarray:
    """Places of the points to keep, ascending: the lowest and the highest ``y`` in each of ``columns`` spans of ``x``.

    ``x`` (n,) is sorted; at most 2 · ``columns`` places come back. Points without a value are never kept.
    """
    places = np.flatnonzero(np.isfinite(y))
    if not len(places):
        return places
    x, y = x[places], y[places]
    width = x[-1] - x[0]
    cell = np.minimum((x - x[0]) / (width or 1) * columns, columns - 1).astype(int)
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    # Sorted by value within each cell: its first is the lowest, its last the highest.
    order = np.lexsort((y, cell))
    ends = np.append(starts[1:], len(cell)) - 1
    return places[np.unique(np.concatenate([order[starts], order[ends]]))]


def gaps(x: np.ndarray) -> np.ndarray:
    """Places before which a line through sorted ``x`` (n,) must not be drawn."""
    if len(x) < 3:
        return np.zeros(0, int)
    steps = np.diff(x)
    return np.flatnonzero(steps > GAP * np.median(steps)) + 1
