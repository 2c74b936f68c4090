"""How counts are lost and moved so that counts stay counts: every entry decides for itself."""

import numpy as np


def keep(counts: np.ndarray, share: np.ndarray | float, rng: np.random.Generator) -> np.ndarray:
    """Keep each entry with probability ``share``: what was Poisson stays Poisson.

    Sums of weights (not whole, or negative) have no entries to draw from: they keep exactly that share.
    """
    if is_counts(counts):
        return rng.binomial(counts.astype(np.int64), np.clip(share, 0, 1)).astype(float)
    return counts * share


def is_counts(counts: np.ndarray) -> bool:
    """Whole and not negative."""
    return bool(((counts >= 0) & (counts == np.rint(counts))).all())


def visible(counts: np.ndarray) -> np.ndarray:
    """The histogram without its flow bins, as a view."""
    return counts[tuple(slice(1, -1) for _ in counts.shape)]


def move_along_x(
    counts: np.ndarray, low: np.ndarray, high: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Spread bin ``i`` of x evenly over [``low[i]``, ``high[i]``], in bins from the lower edge of the axis.

    The total is kept: what leaves the axis is found in the flow bins; what was there stays, as nobody knows
    its x.
    """
    bins = counts.shape[-1] - 2
    moved = np.zeros_like(counts)
    moved[..., 0], moved[..., -1] = counts[..., 0], counts[..., -1]
    left, start = counts[..., 1:-1].copy(), low.copy()
    # Rounding can leave a sliver beyond the last bin a span touches; the last round takes all that is left.
    for last in range(int(np.ceil(np.max(high - low))), -1, -1):
        if not left.any():
            break
        target = np.floor(start)
        share = np.clip((target + 1 - start) / np.maximum(high - start, 1e-12), 0, 1)
        part = keep(left, share, rng) if last else left
        cell = np.clip(target, -1, bins).astype(np.int64) + 1
        np.add.at(moved, (..., cell), part)  # type: ignore[arg-type]
        left, start = left - part, np.minimum(target + 1, high)
    return moved


def mean_and_width(counts: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of x over the visible bins, in bins; the width is at least one bin."""
    along = visible(counts).reshape(-1, counts.shape[-1] - 2).sum(axis=0)
    x = np.arange(len(along)) + 0.5
    weights = np.maximum(along, 0)
    total = weights.sum()
    if not total:
        return len(along) / 2, 1.0
    mean = (weights @ x) / total
    return float(mean), float(max(np.sqrt(weights @ (x - mean) ** 2 / total), 1.0))
