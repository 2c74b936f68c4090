from typing import ClassVar, Self

import numpy as np

from project.samples import Samples

from .base import Reason
from .calibration import Calibration, some_of, wilson_hilferty
from .histogram import HistogramDetector
from .pooling import pooled
from .reference import blocks
from .table import strongest


class Templates(HistogramDetector):
    """χ² to the nearest of several templates, learned as the middles of clusters of the training.

    Data taken under several conditions have several usual shapes, and their mean is none of them. Sums of neighbouring
    lumisections are clustered by the root of their shares (Hellinger's distance), in which counting noise is even.
    """

    name: ClassVar[str] = "templates"
    paper: ClassVar[str] = "MacQueen, k-means (1967); Cover & Hart (1967), doi:10.1109/TIT.1967.1053964"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"templates": (1, 256), "seed": (0, 2**32 - 1)}

    def __init__(self, *, templates: int = 8, seed: int = 0) -> None:
        self.templates = templates
        self.seed = seed

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        sums = pooled(np.clip(counts, 0, None), samples.groups[self._usable(samples)])
        sums = sums[sums.sum(axis=1) > 0]
        member = self._clusters(sums)
        held = np.stack([sums[member == number].sum(axis=0) for number in np.unique(member)])
        self.worth_ = held.sum(axis=1)
        # A cell that a template never filled holds, for all we know, up to one of its entries.
        self.shapes_ = np.maximum(held, 1) / np.maximum(held, 1).sum(axis=1, keepdims=True)
        few = some_of(counts)
        totals = few.sum(axis=1, dtype=float)
        self.calibration_ = Calibration.of(self._nearest(few)[0], totals)
        return self

    def _clusters(self, sums: np.ndarray) -> np.ndarray:
        from sklearn.cluster import KMeans

        roots = np.sqrt(sums / sums.sum(axis=1, keepdims=True))
        different = len(np.unique(roots, axis=0))
        model = KMeans(min(self.templates, different), n_init=3, random_state=self.seed)
        return np.asarray(model.fit_predict(roots, sample_weight=np.sqrt(sums.sum(axis=1))))

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        return self.calibration_.sigma(self._nearest(counts)[0], counts.sum(axis=1, dtype=float))

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        columns = [{"bin": cell} for cell in range(counts.shape[1])]
        near = self._nearest(counts)[1]
        return [
            strongest(columns, self._pulls(row[None].astype(float), number)[0][0])
            for row, number in zip(counts, near.tolist(), strict=True)
        ]

    def _nearest(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distance in sigma to the nearest template (n,), and which one it is."""
        distances = np.empty((len(self.shapes_), len(counts)))
        for rows, block in blocks(counts):
            for number in range(len(self.shapes_)):
                pulls, usual, variance = self._pulls(block, number)
                ratio = np.sum(pulls**2, axis=1) / usual
                distances[number, rows] = wilson_hilferty(ratio, variance / usual**2)
        return distances.min(axis=0, initial=np.inf), distances.argmin(axis=0)

    def _pulls(self, block: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pulls (n, cells) from a template, and what the sum of their squares is on average, with its variance."""
        totals = block.sum(axis=1, keepdims=True)
        expected = totals * self.shapes_[number]
        counting = expected * (1 + totals / self.worth_[number])
        weight = 1 / (counting + 1)
        known = counting * weight
        variance = np.sum(2 * known**2 + counting * weight**2, axis=1)
        return (block - expected) * np.sqrt(weight), np.maximum(known.sum(axis=1), 1e-9), variance
