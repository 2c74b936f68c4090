from typing import ClassVar, Self

import numpy as np

from project.samples import Samples

from .base import Reason
from .histogram import HistogramDetector
from .reference import blocks, reference_of

KOLMOGOROV_MEAN_SQUARE = np.pi**2 / 12
FAR = 25.0
"""Training histograms whose squared distance is this many times the median do not count for the spread."""


class ReferenceKs(HistogramDetector):
    """Largest distance between the cumulative shape of a histogram and the training's, times √n_eff.

    For good histograms it follows Kolmogorov's distribution (mean 0.87; less where few bins hold all).
    1/n_eff = 1/entries + 1/entries of the reference + the training's own spread, so that the distance that
    pile-up makes is not taken for significance at high statistics. Of a 2D histogram both projections are
    tested, and the larger result counts.
    """

    name: ClassVar[str] = "reference_ks"
    paper: ClassVar[str] = "Kolmogorov (1933); Smirnov (1948), doi:10.1214/aoms/1177730256"

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        self.shape_: tuple[int, ...] = getattr(samples, "shape", ())
        self.reference_ = reference_of(samples, counts)
        totals, distances, _ = self._distances(counts)
        # One spread for each axis: x may breathe with the pile-up where y stands still.
        self.spreads_ = np.array([self._spread(totals, distance) for distance in distances])
        return self

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        return np.asarray(np.abs(self._scaled(counts)[0]).max(axis=0))

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        scaled, cells = self._scaled(counts)
        axes = "zyx"[-len(self.shape_) :]
        found = []
        for row in range(len(counts)):
            worst = int(np.argmax(np.abs(scaled[:, row])))
            pull = round(float(scaled[worst, row]), 3)
            found.append([{"bin": int(cells[worst, row]), "axis": axes[worst], "pull": pull}])
        return found

    def _scaled(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        totals, distances, cells = self._distances(counts)
        counting = 1 / totals + 1 / self.reference_.entries
        return distances / np.sqrt(counting + self.spreads_[:, None]), cells

    def _spread(self, totals: np.ndarray, distances: np.ndarray) -> float:
        """What the squared distances of the training hold beyond counting, as an addition to 1/entries."""
        counting = 1 / totals + 1 / self.reference_.entries
        squares = distances**2 / KOLMOGOROV_MEAN_SQUARE
        usual = squares / counting <= FAR * np.median(squares / counting)
        weights = np.minimum(totals, np.median(totals))[usual]
        return max(0.0, float(np.average((squares - counting)[usual], weights=weights)))

    def _distances(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Totals (n,), the largest signed distance per axis (axes, n), and its cell along the axis."""
        totals, (distances, cells) = np.zeros(len(counts)), np.zeros((2, len(self.shape_), len(counts)))
        for rows, block in blocks(counts):
            totals[rows] = block.sum(axis=1)
            excess = (block / totals[rows, None] - self.reference_.shape).reshape(-1, *self.shape_)
            for axis in range(len(self.shape_)):
                others = tuple(other + 1 for other in range(len(self.shape_)) if other != axis)
                steps = np.cumsum(excess.sum(axis=others), axis=1)
                cells[axis, rows] = place = np.abs(steps).argmax(axis=1)
                distances[axis, rows] = np.take_along_axis(steps, place[:, None], axis=1)[:, 0]
        return totals, distances, cells
