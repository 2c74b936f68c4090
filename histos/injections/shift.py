"""A pedestal, an alignment or a clock that moved."""

import numpy as np

from histos.injections.base import Injection
from histos.injections.moves import mean_and_width, move_along_x


def shift(counts: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Everything moves along x, left or right, by parts of a bin or many bins; what leaves the axis is in its
    flow bins.

    Each entry is taken to lie anywhere in its bin, so a shift by a third of a bin moves a third of the
    entries.
    """
    _, width = mean_and_width(counts)
    by = rng.choice((-1.0, 1.0)) * strength * width
    low = np.arange(counts.shape[-1] - 2.0) + by
    return move_along_x(counts, low, low + 1, rng)


SHIFT = Injection(
    shift, (0.02, 2.0), "shift divided by the histogram's standard deviation in x (at least one bin)"
)
