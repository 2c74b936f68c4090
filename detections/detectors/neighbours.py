"""How the nearest training rows are found, and when that takes too long."""

from typing import NamedTuple

import numpy as np

from project.samples import Samples

from .adapters import width
from .scorable import sizes

TREE_COLUMNS = 7
"""Beyond, a k-d tree visits nearly every row, and comparing all with all is faster."""


class Limits(NamedTuple):
    """What takes 15 to 30 s on two cores of 2026, for columns without structure (the worst case)."""

    tree: float
    """Rows, fitted and scored, × columns², in a k-d tree."""
    pairs: float = 1e10
    """Pairs of a fitted with any row × (1 + columns ÷ 40), comparing all with all."""


def too_long(name: str, samples: Samples, window: int, limits: Limits) -> str | None:
    """A sentence when the search on ``samples`` would pass the limits."""
    columns = width(samples, window)
    fit, score = sizes(samples)
    if columns <= TREE_COLUMNS:
        far = (fit + score) * columns**2 > limits.tree
    else:
        far = fit * (fit + score) * (1 + columns / 40) > limits.pairs
    if not far:
        return None
    return f"{name} would take minutes: {fit:,} rows to fit, {score:,} to score, {columns} columns."


class Neighbours:
    """The nearest of fitted rows: by a k-d tree in few columns, comparing all with all in many."""

    def __init__(self, Z: np.ndarray) -> None:
        from scipy.spatial import cKDTree
        from sklearn.neighbors import NearestNeighbors

        self.rows = Z
        self.by_tree = Z.shape[1] <= TREE_COLUMNS
        self._search = cKDTree(Z) if self.by_tree else NearestNeighbors(algorithm="brute").fit(Z)

    def of(self, Z: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances to and places of the ``k`` nearest, (n, k) each, nearest first."""
        if self.by_tree:
            distances, places = self._search.query(Z, k=np.arange(1, k + 1), workers=-1)
        else:
            distances, places = self._search.kneighbors(Z, k)
        return distances, places

    def kth(self, Z: np.ndarray, k: int) -> np.ndarray:
        """Distance to the ``k``-th nearest."""
        if self.by_tree:
            return np.asarray(self._search.query(Z, k=[k], workers=-1)[0][:, 0])
        return np.asarray(self._search.kneighbors(Z, k)[0][:, -1])

    def of_fitted(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """As ``of`` for the fitted rows themselves; no row is its own neighbour, but an identical one is."""
        n = len(self.rows)
        if n == 1:
            return np.zeros((1, 1)), np.zeros((1, 1), int)
        distances, places = self.of(self.rows, k + 1)
        own = places == np.arange(n)[:, None]
        # Among many identical rows a row may not find itself; then the last one found is one too many.
        own[~own.any(axis=1), -1] = True
        return distances[~own].reshape(n, k), places[~own].reshape(n, k)
