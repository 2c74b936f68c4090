from typing import ClassVar

import numpy as np

from .table import TableDetector

FAR = 10.0
"""Robust sigma at which training values are clipped, so that no outlier becomes a direction of its own."""
ENOUGH = 0.9
"""Share of the variance that kept directions need not pass."""


class Pca(TableDetector):
    """What is left of a sample after its projection on the main directions of the training samples.

    Columns are scaled robustly; ``components`` directions are kept, or, if 0, those that stand out of the
    noise (Marchenko and Pastur's edge above the median variance), until they explain 90 % of the variance.
    What is left in each column counts in units of what is usually left there.
    """

    name: ClassVar[str] = "pca"
    paper: ClassVar[str] = "Jackson & Mudholkar (1979), doi:10.1080/00401706.1979.10489779"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"components": (0, 1024), "window": (1, 1000)}

    def __init__(self, *, components: int = 0, window: int = 8) -> None:
        self.components = components
        self.window = window

    def fit_table(self, X: np.ndarray) -> None:
        self.scale_ = self._scale(X)
        Z = self.scale_.transform(X).clip(-FAR, FAR)
        self.mean_ = Z.mean(axis=0)
        Z -= self.mean_
        variances, directions = np.linalg.eigh(Z.T @ Z / len(Z))
        self.directions_ = directions[:, ::-1][:, : self._kept(variances[::-1], len(Z))]
        left = Z - Z @ self.directions_ @ self.directions_.T
        # What the kept directions explain fully leaves rounding; a hundredth of a sigma is below any noise.
        self.usual_ = np.maximum(np.sqrt(np.mean(left**2, axis=0)), 0.01)

    def _kept(self, variances: np.ndarray, rows: int) -> int:
        """Directions to keep: never all, else nothing is left to see, nor more than half as many as rows."""
        most = min(len(variances) - 1, rows // 2)
        if self.components:
            return min(self.components, most)
        noise = float(np.median(variances)) * (1 + np.sqrt(len(variances) / rows)) ** 2
        explained = np.cumsum(variances) / max(float(variances.sum()), np.finfo(float).tiny)
        enough = int(np.searchsorted(explained, ENOUGH)) + 1
        return min(int(np.sum(variances > noise)), enough, most)

    def score_table(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt(np.mean(self.pulls_table(X) ** 2, axis=1)))

    def pulls_table(self, X: np.ndarray) -> np.ndarray:
        Z = self.scale_.transform(X) - self.mean_
        return np.asarray((Z - Z @ self.directions_ @ self.directions_.T) / self.usual_)
