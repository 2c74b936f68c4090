"""A part of the detector no longer reports."""

import numpy as np

from histos.injections.base import Injection
from histos.injections.moves import keep, visible

PLACES = 7.5
"""Places of a stretch that moves freely count more than those beside each other: √(π/2) Z as often, here at Z = 6.

Gross & Vitells (2010), doi:10.1140/epjc/s10052-010-1470-8. There are no more than cells.
"""


def dead_bins(counts: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Entries in one stretch of the axis (a rectangle of a map) are lost, as when a module dies.

    It is centred on a random entry, so that something was there to lose; a bin covered in part loses that
    part.
    """
    inside = visible(counts)
    content = np.maximum(inside, 0).ravel()
    if not content.sum():
        return counts
    at = np.unravel_index(rng.choice(content.size, p=content / content.sum()), inside.shape)
    side = strength ** (1 / inside.ndim)
    dead = np.ones(())
    for bins, bin_ in zip(inside.shape, at, strict=True):
        dead = np.multiply.outer(dead, _covered(bins, bin_ + rng.random(), min(side, 1.0)))
    inside[...] = keep(inside, 1 - dead, rng)
    return counts


def _covered(bins: int, centre: float, share: float) -> np.ndarray:
    """How much of each bin a stretch of ``share`` of the axis covers; around ``centre``, kept on the axis."""
    length = share * bins
    low = min(max(centre - length / 2, 0.0), bins - length)
    edges = np.clip(np.arange(bins + 1.0), low, low + length)
    return np.diff(edges)


DEAD_BINS = Injection(
    dead_bins, (0.01, 0.5), "share of the axis (1D) or of the area (2D) that is dead",
    draws=lambda cells, strength: min(PLACES / strength, float(cells)) if strength > 0 else 1.0,
)  # fmt: skip
