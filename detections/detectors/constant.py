from typing import ClassVar, Self

import numpy as np

from project.samples import KINDS, Samples, Together

from .base import Detector


class Constant(Detector):
    """Gives everything the same score: what a metric is worth when nothing is known."""

    name: ClassVar[str] = "constant"
    kinds: ClassVar[tuple[str, ...]] = (*KINDS, Together.kind)

    def fit(self, samples: Samples) -> Self:
        self._usable(samples)
        return self

    def score(self, samples: Samples) -> np.ndarray:
        return np.where(self._scorable(samples), 0.0, np.nan)
