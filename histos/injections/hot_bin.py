"""A channel that fires without reason."""

import numpy as np

from histos.injections.base import Injection
from histos.injections.moves import is_counts, visible


def hot_bin(counts: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """One bin (one cell of a map) gets extra entries, as from a noisy channel: Poisson."""
    inside = visible(counts)
    at = np.unravel_index(rng.integers(inside.size), inside.shape)
    extra = strength * max(float(inside.sum()), 0.0)
    inside[at] += rng.poisson(extra) if is_counts(inside) else extra
    return counts


HOT_BIN = Injection(
    hot_bin, (0.005, 0.5), "extra entries divided by the entries that are there",
    draws=lambda cells, strength: float(cells),
)  # fmt: skip
