from typing import Any, ClassVar, Self

import numpy as np

from project.samples import Samples

from .base import Reason
from .calibration import Calibration, some_of
from .counting import signed_sigma
from .histogram import HistogramDetector
from .pooling import pooled
from .reference import blocks
from .table import strongest

ROUNDS = 60
MOST_ROWS = 400
"""Sums of training histograms that the parts are learned from."""


class Nmf(HistogramDetector):
    """What is left of a histogram after the best sum of a few non-negative parts learned from the training.

    Parts are shapes that add up, as contributions to a histogram do; they are learned on sums of neighbouring
    lumisections, where they stand out of the noise. What is left counts by Poisson statistics, in sigma of good
    histograms with as many entries.
    """

    name: ClassVar[str] = "nmf"
    paper: ClassVar[str] = "Lee & Seung (1999), doi:10.1038/44565"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"components": (1, 64), "seed": (0, 2**32 - 1)}

    def __init__(self, *, components: int = 4, seed: int = 0) -> None:
        self.components = components
        self.seed = seed

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        sums = pooled(np.clip(counts, 0, None), samples.groups[self._usable(samples)])
        sums = sums[:: -(-len(sums) // MOST_ROWS)]
        self.model_ = self._model(min(self.components, *sums.shape)).fit(_shares(sums))
        self.worth_ = float(sums.sum())
        few = some_of(counts)
        totals = few.sum(axis=1, dtype=float)
        self.calibration_ = Calibration.of(self._left(few), totals)
        return self

    def _model(self, components: int) -> Any:
        from sklearn.decomposition import NMF

        # Without a tolerance every row takes all rounds, so that a row does not depend on those beside it.
        how = {"init": "nndsvda", "solver": "mu", "beta_loss": "kullback-leibler", "tol": 0.0}
        return NMF(components, max_iter=ROUNDS, random_state=self.seed, **how)

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        return self.calibration_.sigma(self._left(counts), counts.sum(axis=1, dtype=float))

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        columns = [{"bin": cell} for cell in range(counts.shape[1])]
        return [strongest(columns, row) for row in self._sigma(counts.astype(float))]

    def _left(self, counts: np.ndarray) -> np.ndarray:
        """Root mean square of what is left in each bin, in sigma."""
        found = np.empty(len(counts))
        for rows, block in blocks(counts):
            found[rows] = np.sqrt(np.mean(self._sigma(block) ** 2, axis=1))
        return found

    def _sigma(self, block: np.ndarray) -> np.ndarray:
        block = np.clip(block, 0, None)
        totals = block.sum(axis=1, keepdims=True)
        parts = self.model_.transform(_shares(block)) @ self.model_.components_
        # A cell that no part fills holds, for all we know, up to one entry of the whole training.
        expected = totals * np.maximum(parts, 1 / self.worth_)
        return signed_sigma(block, expected)


def _shares(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300))
