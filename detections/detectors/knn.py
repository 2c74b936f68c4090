from typing import ClassVar

import numpy as np

from project.samples import Samples

from .neighbours import TREE_COLUMNS, Limits, too_long
from .scaling import ColumnScale
from .table import TableDetector


class Knn(TableDetector):
    """Distance to the ``k``-th nearest training sample, on robustly scaled columns."""

    name: ClassVar[str] = "knn"
    paper: ClassVar[str] = "Ramaswamy, Rastogi & Shim (2000), doi:10.1145/342009.335437"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"k": (1, 1000), "window": (1, 1000)}

    def __init__(self, *, k: int = 10, window: int = 8) -> None:
        self.k = k
        self.window = window

    def refuses(self, samples: Samples) -> str | None:
        return super().refuses(samples) or too_long(self.name, samples, self.window, Limits(tree=2e7))

    def fit_table(self, X: np.ndarray) -> None:
        from scipy.spatial import cKDTree
        from sklearn.neighbors import NearestNeighbors

        self.scale_ = ColumnScale.of(X)
        Z = self.scale_.transform(X)
        self.by_tree_, self.rows_ = X.shape[1] <= TREE_COLUMNS, len(X)
        self.search_ = cKDTree(Z) if self.by_tree_ else NearestNeighbors(algorithm="brute").fit(Z)

    def score_table(self, X: np.ndarray) -> np.ndarray:
        Z, k = self.scale_.transform(X), min(self.k, self.rows_)
        if self.by_tree_:
            return np.asarray(self.search_.query(Z, k=[k], workers=-1)[0][:, 0])
        return np.asarray(self.search_.kneighbors(Z, k)[0][:, -1])
