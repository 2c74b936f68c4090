from typing import ClassVar

import numpy as np

from project.samples import Samples

from .neighbours import Limits, Neighbours, too_long
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
        self.scale_ = self._scale(X)
        self.search_ = Neighbours(self.scale_.transform(X))

    def score_table(self, X: np.ndarray) -> np.ndarray:
        return self.search_.kth(self.scale_.transform(X), min(self.k, len(self.search_.rows)))
