from typing import ClassVar, NamedTuple, Self

import numpy as np

from project.samples import HistogramSequence, Samples

from .base import Reason, spread_out
from .histogram import HistogramDetector
from .reference import blocks, reference_of
from .table import strongest


class _Sums(NamedTuple):
    """Per histogram: χ², the value and variance expected of it, and what fully coherent spread would add."""

    chi2: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    coherent: np.ndarray


class ReferenceChi2(HistogramDetector):
    """χ² between the shape of a histogram and the training's reference, as a significance in sigma.

    Each bin counts in units of both sides' counting errors and of the spread of the training histograms, so
    that pile-up and conditions do not pass for anomalies. The spread moves many bins together; how far
    together is estimated from the training's χ² and widens what is expected. χ² becomes sigma by the cube
    root of Wilson and Hilferty, which keeps 10² and 10⁵ entries comparable and orders even hopeless cases.
    """

    name: ClassVar[str] = "reference_chi2"
    paper: ClassVar[str] = "Gagunashvili (2010), doi:10.1016/j.nima.2009.12.037; Wilson & Hilferty (1931)"

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        self.reference_ = reference_of(samples, counts)
        self.coherence_ = 0.0
        sums = self._sums(counts)
        usual = self._sigma(sums) < 5
        surplus = ((sums.chi2 - sums.mean) ** 2 - sums.variance)[usual].sum()
        self.coherence_ = float(np.clip(surplus / max(sums.coherent[usual].sum(), 1e-9), 0, 1))
        return self

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        return self._sigma(self._sums(counts))

    def reduced(self, samples: HistogramSequence) -> np.ndarray:
        """χ² over its expectation: 1 on average for good histograms of any number of entries."""
        wanted = self._scorable(samples)
        sums = self._sums(samples.counts[wanted])
        return spread_out(sums.chi2 / sums.mean, wanted)

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        columns = [{"bin": cell} for cell in range(counts.shape[1])]
        return [strongest(columns, row) for row in self.reference_.pulls(counts.astype(float))]

    def _sums(self, counts: np.ndarray) -> _Sums:
        sums = _Sums(*np.zeros((4, len(counts))))
        for rows, block in blocks(counts):
            counting, spread = self.reference_.variance(block.sum(axis=1))
            weight = 1 / (counting + spread + 1)
            sums.chi2[rows] = np.sum(self.reference_.pulls(block) ** 2, axis=1)
            known = (counting + spread) * weight
            # Var (n - mu)² is 2 sigma⁴ for a normal count, and mu more for a Poisson one.
            sums.mean[rows] = np.maximum(known.sum(axis=1), 1e-9)
            sums.variance[rows] = np.maximum(np.sum(2 * known**2 + counting * weight**2, axis=1), 1e-9)
            drift = spread * weight
            sums.coherent[rows] = 2 * (drift.sum(axis=1) ** 2 - (drift**2).sum(axis=1))
        return sums

    def _sigma(self, sums: _Sums) -> np.ndarray:
        variance = sums.variance + self.coherence_ * sums.coherent
        width = variance / (9 * sums.mean**2)
        return np.asarray((np.cbrt(sums.chi2 / sums.mean) - (1 - width)) / np.sqrt(width))
