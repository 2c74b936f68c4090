"""Detectors that judge histograms bin by bin, in their own counts."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from project.samples import HistogramSequence, Samples

from .base import Detector, DetectorError, Reason, spread_out


class HistogramDetector(Detector):
    """Write ``fit``, ``score_counts``, ``reasons_counts``; the counts have flow bins and positive totals."""

    kinds: ClassVar[tuple[str, ...]] = (HistogramSequence.kind,)

    @abstractmethod
    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        """One number per histogram of ``counts`` (n, cells), high = strange."""

    @abstractmethod
    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        """The bins that drive each score, strongest first."""

    def score(self, samples: Samples) -> np.ndarray:
        wanted = self._scorable(samples)
        return spread_out(self.score_counts(self._counts(samples)[wanted]), wanted)

    def reasons(self, samples: Samples, rows: np.ndarray) -> list[list[Reason]]:
        wanted = self._scorable(samples)[rows]
        found = iter(self.reasons_counts(self._counts(samples)[rows][wanted]))
        return [next(found) if can else [] for can in wanted]

    def _training_counts(self, samples: Samples) -> np.ndarray:
        counts: np.ndarray = self._counts(samples)[self._usable(samples)]
        return counts

    def _counts(self, samples: Samples) -> np.ndarray:
        if not isinstance(samples, HistogramSequence):
            raise DetectorError(f"{self.name} takes histograms, not {samples.kind}")
        return samples.counts
