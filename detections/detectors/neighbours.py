"""How the nearest training rows are found, and when that takes too long."""

from typing import Any, NamedTuple

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
        self.rows = Z
        self.by_tree = Z.shape[1] <= TREE_COLUMNS
        self._search = _tree(Z) if self.by_tree else _all_pairs(Z)

    def of(self, Z: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances to and places of the ``k`` nearest, (n, k) each, nearest first."""
        if self.by_tree:
            return self._from_tree(Z, np.arange(1, k + 1))
        distances, places = self._search.kneighbors(Z, k)
        return distances, places

    def kth(self, Z: np.ndarray, k: int) -> np.ndarray:
        """Distance to the ``k``-th nearest."""
        if self.by_tree:
            return self._from_tree(Z, np.array([k]))[0][:, 0]
        return np.asarray(self._search.kneighbors(Z, k)[0][:, -1])

    def _from_tree(self, Z: np.ndarray, nearest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distances and places (n, k) of the ``nearest`` (k,) first, second …, in the order of ``Z``."""
        # Neighbours are asked for one after the other: what the first visits is still in the cache for the next.
        order = _tree(Z).indices
        back = np.argsort(order)
        distances, places = self._search.query(Z[order], k=nearest, workers=-1)
        return distances[back], places[back]

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


def _tree(Z: np.ndarray) -> Any:
    from scipy.spatial import cKDTree

    return cKDTree(Z)


def _all_pairs(Z: np.ndarray) -> Any:
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(algorithm="brute").fit(Z)
