from typing import Any, ClassVar, Self

import numpy as np

from project.samples import Samples

from .axes import along_axes, places
from .base import Reason
from .histogram import HistogramDetector
from .isolation_trees import average_path, grow
from .reference import blocks, reference_of
from .scaling import ColumnScale
from .table import strongest

NAMED = 2


class SummaryForest(HistogramDetector):
    """Isolation forest on summary statistics: moments, flow bins, χ² and the largest pull of each histogram.

    All of them are in units of what counting gives for as many entries, so that the forest isolates what is strange
    and not what is small.
    """

    name: ClassVar[str] = "summary_forest"
    paper: ClassVar[str] = "Liu, Ting & Zhou (2008), doi:10.1109/ICDM.2008.17"
    limits: ClassVar[dict[str, tuple[float, float]]] = {
        "trees": (1, 10_000), "subsample": (2, 1_000_000), "seed": (0, 2**32 - 1),
    }  # fmt: skip

    def __init__(self, *, trees: int = 100, subsample: int = 256, seed: int = 0) -> None:
        self.trees = trees
        self.subsample = subsample
        self.seed = seed

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        self.reference_ = reference_of(samples, counts)
        share = self.reference_.floored / self.reference_.floored.sum()
        axes = places(getattr(samples, "shape", ()))
        self.weights_, self.columns_ = along_axes(share, axes)
        ends = [place == end for place in axes for end in (place.min(), place.max())]
        self.ends_ = np.stack(ends, axis=1).astype(float)
        X = self._summary(counts)
        self.scale_ = ColumnScale.of(X)
        subsample = min(self.subsample, len(X))
        self.trees_ = grow(X, self.trees, subsample, np.random.default_rng(self.seed))
        self.usual_ = float(average_path(np.array(subsample)))
        return self

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        if not len(counts):
            return np.zeros(0)
        X = self._summary(counts)
        length = sum(trees.lengths(X) for trees in self.trees_) / self.trees
        return np.asarray(2.0 ** -(length / self.usual_ if self.usual_ else np.ones(len(X))))

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        if not len(counts):
            return []
        cells: list[dict[str, Any]] = [{"bin": cell} for cell in range(counts.shape[1])]
        bins = self.reference_.pulls(counts.astype(float))
        moments = self.scale_.transform(self._summary(counts))[:, : len(self.columns_)]
        return [
            [*strongest(self.columns_, own)[:NAMED], *strongest(cells, row)[: 5 - NAMED]]
            for own, row in zip(moments, bins, strict=True)
        ]

    def _summary(self, counts: np.ndarray) -> np.ndarray:
        """(n, statistics): moments along each axis, flow bins, log of χ², log of the largest pull."""
        found = np.empty((len(counts), self.weights_.shape[1] + self.ends_.shape[1] + 2))
        expected = self.reference_.shape @ self.ends_
        for rows, block in blocks(counts):
            totals = block.sum(axis=1)[:, None]
            pulls = self.reference_.pulls(block)
            flow = (block @ self.ends_ - totals * expected) / np.sqrt(totals * expected + 1)
            square, largest = np.mean(pulls**2, axis=1), np.abs(pulls).max(axis=1)
            moments = block @ self.weights_ / np.sqrt(totals)
            found[rows] = np.column_stack([moments, flow, np.log(square + 1e-9), np.log(largest + 1e-9)])
        return found
