from typing import ClassVar

import numpy as np

from project.samples import Samples

from .neighbours import Limits, Neighbours, too_long
from .table import TableDetector

# Keeps the density of identical rows finite, as scikit-learn does.
NO_DISTANCE = 1e-10


class LocalOutlierFactor(TableDetector):
    """How much thinner the training samples lie around a sample than around its ``k`` neighbours.

    Many identical training rows make the density infinite and the score large for anything beside them.
    """

    name: ClassVar[str] = "lof"
    paper: ClassVar[str] = "Breunig, Kriegel, Ng & Sander (2000), doi:10.1145/335191.335388"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"k": (1, 1000), "window": (1, 1000)}

    def __init__(self, *, k: int = 20, window: int = 8) -> None:
        self.k = k
        self.window = window

    def refuses(self, samples: Samples) -> str | None:
        return super().refuses(samples) or too_long(self.name, samples, self.window, Limits(tree=8e6))

    def fit_table(self, X: np.ndarray) -> None:
        self.scale_ = self._scale(X)
        Z = self.scale_.transform(X)
        self.k_ = max(1, min(self.k, len(Z) - 1))
        self.search_ = Neighbours(Z)
        distances, neighbours = self.search_.of_fitted(self.k_)
        self.reach_ = distances[:, -1]
        self.density_ = self._density(distances, neighbours)

    def score_table(self, X: np.ndarray) -> np.ndarray:
        distances, neighbours = self.search_.of(self.scale_.transform(X), self.k_)
        around = self.density_[neighbours].mean(axis=1)
        return np.asarray(around / self._density(distances, neighbours))

    def _density(self, distances: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
        """Local reachability density: 1 / the mean of max(distance, the neighbour's own reach)."""
        return np.asarray(1 / (np.maximum(distances, self.reach_[neighbours]).mean(axis=1) + NO_DISTANCE))
