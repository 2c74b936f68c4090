from typing import ClassVar, Self
from zlib import crc32

import numpy as np

from project.samples import KINDS, Samples, Series, Together

from .base import Detector


class Random(Detector):
    """Draws a number for each sample from its id: chance level, whatever the order of the samples."""

    name: ClassVar[str] = "random"
    kinds: ClassVar[tuple[str, ...]] = (*KINDS, Together.kind)
    limits: ClassVar[dict[str, tuple[float, float]]] = {"seed": (0, 2**32 - 1)}

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, samples: Samples) -> Self:
        self._usable(samples)
        return self

    def score(self, samples: Samples) -> np.ndarray:
        keys = np.array([crc32(name.encode(), self.seed) for name in samples.ids.tolist()], dtype=np.uint64)
        if isinstance(samples, Series):
            steps = np.arange(samples.n_scores) - np.repeat(samples.offsets[:-1], samples.lengths)
            keys = np.repeat(keys, samples.lengths) + (steps.astype(np.uint64) << np.uint64(32))
        return np.where(self._scorable(samples), _uniform(keys), np.nan)


def _uniform(keys: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1) by the SplitMix64 mixing of Steele, Lea and Flood (2014)."""
    bits = keys + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((bits ^ (bits >> np.uint64(31))) >> np.uint64(11)) / 2.0**53
