from typing import Any, ClassVar, Self

import numpy as np

from project.samples import Samples

from .axes import along_axes, places
from .base import Reason
from .calibration import Calibration
from .histogram import HistogramDetector
from .reference import blocks, reference_of
from .table import strongest

NAMED = 2
"""Moments among the reasons; bins take the other places."""


class Moments(HistogramDetector):
    """Mean, width, skewness and kurtosis along each axis, against those of the training.

    As means of polynomials that are uncorrelated under the reference's own shape: each strays by 1/√entries, and by
    what training histograms stray among themselves. The score tells how unusual all of them are together.
    """

    name: ClassVar[str] = "moments"
    paper: ClassVar[str] = "Neyman's smooth test (1937), doi:10.1080/03461238.1937.10404821"

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        self.reference_ = reference_of(samples, counts)
        share = self.reference_.floored / self.reference_.floored.sum()
        axes = places(getattr(samples, "shape", ()))
        self.weights_, self.columns_ = along_axes(share, axes)
        self.centers_, self.spreads_ = np.zeros(self.weights_.shape[1]), np.zeros(self.weights_.shape[1])
        self._learn(*self._means(counts))
        totals = counts.sum(axis=1, dtype=float)
        self.calibration_ = Calibration.of(self._distance(counts), totals)
        return self

    def _learn(self, totals: np.ndarray, means: np.ndarray) -> None:
        """Where good histograms have their moments, and how they stray beyond counting."""
        certainty = 1 / (1 / totals + 1 / np.median(totals))
        weights = (certainty / certainty.sum())[:, None]
        self.centers_ = (weights * means).sum(axis=0)
        away = (means - self.centers_) ** 2
        usual = np.quantile(away * certainty[:, None], 0.99, axis=0)
        kept = away * certainty[:, None] <= usual
        excess = np.where(kept, away - 1 / totals[:, None], 0) * certainty[:, None] ** 2
        self.spreads_ = np.maximum(excess.sum(axis=0) / np.sum(certainty**2), 0)

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        return self.calibration_.sigma(self._distance(counts), counts.sum(axis=1, dtype=float))

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        cells: list[dict[str, Any]] = [{"bin": cell} for cell in range(counts.shape[1])]
        bins = self.reference_.pulls(counts.astype(float))
        return [
            [*strongest(self.columns_, own)[:NAMED], *strongest(cells, row)[: 5 - NAMED]]
            for own, row in zip(self._pulls(counts), bins, strict=True)
        ]

    def _distance(self, counts: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt(np.sum(self._pulls(counts) ** 2, axis=1)))

    def _pulls(self, counts: np.ndarray) -> np.ndarray:
        totals, means = self._means(counts)
        return np.asarray((means - self.centers_) / np.sqrt(1 / totals[:, None] + self.spreads_))

    def _means(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        totals, means = counts.sum(axis=1, dtype=float), np.empty((len(counts), self.weights_.shape[1]))
        for rows, block in blocks(counts):
            means[rows] = block @ self.weights_ / totals[rows, None]
        return totals, means
