"""The shape that training histograms agree on, and how far from it a good histogram strays.

Only shapes are compared: every histogram is taken with its own total. Counts are counts; a histogram of
weights is judged as if the sum of its weights were its number of entries.
"""

from collections.abc import Callable, Iterator

import numpy as np

from project.samples import Samples

Transform = Callable[[np.ndarray], np.ndarray]
CELLS_AT_ONCE = 1_000_000
CUT = 5.0
"""Training histograms this many robust sigma stranger than the typical one do not shape the reference."""


class Reference:
    """The expected share of each cell, with its errors.

    ``shape``    expected share;
    ``entries``  how many entries the shape is worth, statistically;
    ``spread``   variance of the share from one training histogram to the next, beyond counting statistics:
                 pile-up, conditions;
    ``usual``    mask of the training histograms that shape it, outliers left out.
    """

    def __init__(self, counts: np.ndarray) -> None:
        """``counts`` (n, cells), each row with a positive total; the last estimate is without outliers."""
        self._estimate(counts, most=float(np.median(counts.sum(axis=1, dtype=float))))
        self._estimate(counts, self.saturation)
        excess = self.excess(counts)
        middle = np.median(excess)
        self.usual = excess <= middle + CUT * 1.4826 * np.median(np.abs(excess - middle))
        if not self.usual.all():
            self._estimate(counts[self.usual], self.saturation)

    def _estimate(self, counts: np.ndarray, most: float) -> None:
        """Shape and spread, by weights that stop growing with the entries at about ``most``."""
        totals = counts.sum(axis=1, dtype=float)
        certainty = 1 / (1 / totals + 1 / most)
        share = certainty / certainty.sum()
        self.entries = 1 / float(np.sum(share**2 / totals))
        self.shape = _weighted(counts, share / totals)
        # Negative weights can leave a negative share, which no variance can have.
        single = np.clip(self.shape * (1 - self.shape), 0, None)
        share = certainty**2 / np.sum(certainty**2)
        spread = _weighted(counts, share, lambda block: (_shares(block) - self.shape) ** 2)
        spread -= np.sum(share / totals) * single
        # Cut at zero, noise alone would look like spread; the sum over all cells is free of that.
        surplus, positive = max(float(spread.sum()), 0.0), np.maximum(spread, 0)
        self.spread = positive * surplus / max(float(positive.sum()), np.finfo(float).tiny)
        # Entries at which the spread equals counting: more of them tell little about the next histogram.
        self.saturation = min(float(single.sum()) / max(surplus, 1e-300), float(totals.max()))
        # A cell that training never filled holds, for all we know, up to one of its pooled entries.
        self.floored = np.clip(self.shape, min(1 / self.entries, 0.5), 1)

    def variance(self, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Variance of the counts (n, cells) of histograms with ``totals``: counting (both sides'), spread."""
        counting = totals * (1 + totals / self.entries)
        return counting[:, None] * (self.floored * (1 - self.shape)), totals[:, None] ** 2 * self.spread

    def pulls(self, counts: np.ndarray) -> np.ndarray:
        """Deviation of each cell in sigma.

        One count is added to the variance: where far less than one entry is expected, a single one is no
        surprise worth many sigma.
        """
        totals = counts.sum(axis=1)
        counting, spread = self.variance(totals)
        return np.asarray((counts - totals[:, None] * self.shape) / np.sqrt(counting + spread + 1))

    def excess(self, counts: np.ndarray) -> np.ndarray:
        """Mean squared pull of each histogram, over what the known variances make of it."""
        found = np.empty(len(counts))
        for rows, block in blocks(counts):
            counting, spread = self.variance(block.sum(axis=1))
            expected = ((counting + spread) / (counting + spread + 1)).sum(axis=1)
            found[rows] = (self.pulls(block) ** 2).sum(axis=1) / np.maximum(expected, 1e-9)
        return found


def reference_of(samples: Samples, counts: np.ndarray) -> Reference:
    """The reference of the ``counts`` that ``samples`` can be fitted on, as they are or merged to as many cells."""
    return samples.notes.once(("reference", counts.shape), lambda: Reference(counts))


def _shares(block: np.ndarray) -> np.ndarray:
    return np.asarray(block / block.sum(axis=1, keepdims=True))


def _weighted(counts: np.ndarray, weights: np.ndarray, transform: Transform = np.asarray) -> np.ndarray:
    """Sum over the rows of ``transform(counts)``, each times its weight."""
    total = np.zeros(counts.shape[1])
    for rows, block in blocks(counts):
        total += weights[rows] @ transform(block)
    return total


def blocks(counts: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Rows of ``counts`` as float64, so many at once that temporary arrays stay small."""
    step = max(1, CELLS_AT_ONCE // max(1, counts.shape[1]))
    for start in range(0, len(counts), step):
        yield slice(start, start + step), counts[start : start + step].astype(float)
