from typing import ClassVar, Self

import numpy as np

from project.samples import Samples

from .base import Reason
from .calibration import Calibration, some_of
from .histogram import HistogramDetector
from .pooling import pooled
from .reference import blocks
from .table import strongest

WHOLE_RUN = 10**9
"""More rows than any run has: one sum for each."""


class BetaBinomial(HistogramDetector):
    """Probability of every bin's content given what each of several reference runs holds, as in AutoDQM.

    A bin of a reference run with n of N entries leaves its share uncertain, Beta(n + 1, N - n + 1); what a histogram
    of M entries then holds is beta-binomial, and the mean over the reference runs is what runs differ by. A bin's pull
    is √(-2 ln(p / p of the likeliest content)). Mean square and largest pull are both brought to sigma of good
    histograms with as many entries; the larger is the score.
    """

    name: ClassVar[str] = "beta_binomial"
    paper: ClassVar[str] = "Brinkerhoff et al., AutoDQM (2025), arXiv:2501.13789"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"references": (1, 64)}

    def __init__(self, *, references: int = 4) -> None:
        self.references = references

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        runs = pooled(counts, samples.groups[self._usable(samples)], WHOLE_RUN)
        # The fullest runs leave the least uncertain; they stay in the order of their names.
        fullest = np.sort(np.argsort(-runs.sum(axis=1), kind="stable")[: self.references])
        self.runs_ = runs[fullest]
        few = some_of(counts)
        totals = few.sum(axis=1, dtype=float)
        square, largest = self._pulls_of(few)
        self.square_, self.largest_ = Calibration.of(square, totals), Calibration.of(largest, totals)
        self.calibration_ = Calibration.of(self._larger(square, largest, totals), totals)
        return self

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        totals = counts.sum(axis=1, dtype=float)
        return self.calibration_.sigma(self._larger(*self._pulls_of(counts), totals), totals)

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        columns = [{"bin": cell} for cell in range(counts.shape[1])]
        return [strongest(columns, row) for row in self._pulls(counts.astype(float))]

    def _larger(self, square: np.ndarray, largest: np.ndarray, totals: np.ndarray) -> np.ndarray:
        return np.maximum(self.square_.sigma(square, totals), self.largest_.sigma(largest, totals))

    def _pulls_of(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Root mean square and largest pull of each histogram."""
        square, largest = np.empty(len(counts)), np.empty(len(counts))
        for rows, block in blocks(counts):
            pulls = np.abs(self._pulls(block))
            square[rows], largest[rows] = np.sqrt(np.mean(pulls**2, axis=1)), pulls.max(axis=1)
        return square, largest

    def _pulls(self, block: np.ndarray) -> np.ndarray:
        """(n, cells), positive where there are too many."""
        block = np.clip(block, 0, None)
        totals = block.sum(axis=1, keepdims=True)
        share = self.runs_ / self.runs_.sum(axis=1, keepdims=True)
        # The likeliest content of the mixture is near what the runs hold on average.
        likeliest = np.full(block.shape, -np.inf)
        probability = np.full(block.shape, -np.inf)
        best = np.floor(share.mean(axis=0) * (totals + 1))
        for run in self.runs_:
            probability = np.logaddexp(probability, _log_probability(block, totals, run))
            likeliest = np.logaddexp(likeliest, _log_probability(best, totals, run))
        pulls = np.sqrt(2 * np.maximum(likeliest - probability, 0))
        return np.asarray(np.where(block < totals * share.mean(axis=0), -pulls, pulls))


def _log_probability(counts: np.ndarray, totals: np.ndarray, run: np.ndarray) -> np.ndarray:
    """ln of the beta-binomial probability of ``counts`` out of ``totals``, given a reference run (cells,)."""
    from scipy.special import betaln, gammaln

    counts = np.minimum(counts, totals)
    first, second = run + 1, run.sum() - run + 1
    ways = gammaln(totals + 1) - gammaln(counts + 1) - gammaln(totals - counts + 1)
    return np.asarray(ways + betaln(counts + first, totals - counts + second) - betaln(first, second))
