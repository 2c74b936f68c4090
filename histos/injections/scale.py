"""A gain that changed."""

import numpy as np

from histos.injections.base import Injection
from histos.injections.moves import mean_and_width, move_along_x


def scale(counts: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """The x axis is stretched or squeezed about the mean, as when a gain changes.

    By a factor 1 + strength or its inverse; each entry is taken to lie anywhere in its bin.
    """
    mean, _ = mean_and_width(counts)
    factor = (1 + strength) ** rng.choice((-1.0, 1.0))
    low = mean + (np.arange(counts.shape[-1] - 2.0) - mean) * factor
    return move_along_x(counts, low, low + factor, rng)


SCALE = Injection(scale, (0.01, 0.7), "relative change of the gain")
