from typing import ClassVar, Self

import numpy as np

from project.samples import Samples

from .base import Reason
from .calibration import Calibration
from .counting import signed_sigma
from .histogram import HistogramDetector
from .reference import blocks, reference_of
from .table import strongest


class MaxPull(HistogramDetector):
    """Largest deviation of a single bin from the training's reference.

    Each bin counts by its Poisson likelihood, so that one entry in an empty bin is no surprise, and by the spread of
    the training. The largest of many bins is always large: how large in good histograms of as many entries is learned,
    and the score is in sigma beyond.
    """

    name: ClassVar[str] = "max_pull"
    paper: ClassVar[str] = (
        "AutoDQM's maximum pull: arXiv:2501.13789; Wilks (1938), doi:10.1214/aoms/1177732360"
    )

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        self.reference_ = reference_of(samples, counts)
        self.calibration_ = Calibration.of(self._largest(counts), counts.sum(axis=1, dtype=float))
        return self

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        return self.calibration_.sigma(self._largest(counts), counts.sum(axis=1, dtype=float))

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        columns = [{"bin": cell} for cell in range(counts.shape[1])]
        return [strongest(columns, row) for row in self._sigma(counts.astype(float))]

    def _largest(self, counts: np.ndarray) -> np.ndarray:
        found = np.empty(len(counts))
        for rows, block in blocks(counts):
            found[rows] = np.abs(self._sigma(block)).max(axis=1)
        return found

    def _sigma(self, block: np.ndarray) -> np.ndarray:
        totals = block.sum(axis=1)
        _, spread = self.reference_.variance(totals)
        expected = totals[:, None] * self.reference_.floored
        own = totals[:, None] / self.reference_.entries * expected
        return signed_sigma(block, expected, spread + own)
