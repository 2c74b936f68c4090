"""Efficiency that differs from bin to bin."""

import numpy as np

from histos.injections.base import Injection
from histos.injections.evidence import evidence_of_scatter
from histos.injections.moves import is_counts, keep, visible


def noise(counts: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Every bin is multiplied by its own random factor of mean 1: more scatter than the entries explain.

    Factors are log-normal. Below 1 entries are lost one by one, above 1 Poisson many are added; empty bins
    stay empty.
    """
    inside = visible(counts)
    sigma = np.sqrt(np.log1p(strength**2))
    factor = np.exp(sigma * rng.standard_normal(inside.shape) - sigma**2 / 2)
    extra = inside * np.maximum(factor - 1, 0)
    added = rng.poisson(extra) if is_counts(inside) else extra
    inside[...] = keep(inside, np.minimum(factor, 1), rng) + added
    return counts


NOISE = Injection(noise, (0.02, 1.0), "relative standard deviation of the factors", evidence_of_scatter)
