"""A histogram against its reference: pulls, χ², Kolmogorov–Smirnov, moments. NumPy only, no Django.

Shapes are compared, each histogram with its own total, flow bins included. Only counting statistics enter: what moves
with pile-up and conditions shows, and where a detector's own spread matters, ask the detector.
"""

from typing import NamedTuple

import numpy as np


class Deviation(NamedTuple):
    """``pulls`` (n, cells) in sigma, NaN where neither side has anything; ``chi2`` (n,) the sum of their squares.

    ``usual`` (n,) is the χ² that counting statistics alone give on average: the degrees of freedom, less what sparse
    cells cannot contribute. ``expected`` (n, cells) is the reference scaled to each histogram. A histogram or a
    reference without content, which has no shape, gets NaN.
    """

    pulls: np.ndarray
    chi2: np.ndarray
    usual: np.ndarray
    expected: np.ndarray

    @property
    def reduced(self) -> np.ndarray:
        """χ²/ndf: 1 on average where only counting statistics differ."""
        return self.chi2 / self.usual

    def row(self, row: int) -> "Deviation":
        """Of one histogram, still with its axis of histograms."""
        return Deviation(*(part[row : row + 1] for part in self))


def of_counts(counts: np.ndarray, reference: np.ndarray, scale: np.ndarray | None = None) -> Deviation:
    """``counts`` (n, cells) against ``reference``, (cells,) or one row each, in counts too.

    Pearson's test that both were drawn from one shape: the variance pools both sides, so that a cell which only one of
    them filled is judged by what was seen, and few entries of the reference widen the error. One count is added to it:
    where far less than one entry is expected, a single one is no surprise worth many sigma.

    ``scale`` (n,), the exposure of each histogram over that of its reference (say, of luminosity), tests the rate too:
    how many entries there are is then part of the comparison. NaN where an exposure is not known.
    """
    totals, held = counts.sum(axis=1)[:, None], np.atleast_2d(reference).sum(axis=1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = totals / held if scale is None else np.where(scale > 0, scale, np.nan)[:, None]
        expected = reference * factor
        variance = np.clip(factor * (counts + reference), 0, None)
        pulls = (counts - expected) / np.sqrt(variance + 1)
        share = (counts + reference) / (totals + held) if scale is None else 0.0
        usual = variance * (1 - share) / (variance + 1)
    return _deviation(np.where(variance > 0, pulls, np.nan), usual, expected)


def of_means(values: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> Deviation:
    """Means of a profile (n, cells) against ``mean``, in units of their ``spread`` from histogram to histogram."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pulls = (values - mean) / np.where(spread > 0, spread, np.nan)
    return _deviation(pulls, np.ones_like(pulls), np.broadcast_to(mean, values.shape))


def _deviation(pulls: np.ndarray, usual: np.ndarray, expected: np.ndarray) -> Deviation:
    known = np.isfinite(pulls)
    sums = np.where(known, usual, 0).sum(axis=1)
    chi2 = np.where(known, pulls, 0) ** 2
    return Deviation(
        np.where(known, pulls, np.nan),
        np.where(sums > 0, chi2.sum(axis=1), np.nan),
        np.where(sums > 0, sums, np.nan),
        expected,
    )


FEW = 5.0
"""Entries of both sides together below which the pull of a cell is far from a normal one."""


def chi2_probability(chi2: float, ndf: float) -> float:
    """How often chance alone gives at least this χ²; NaN without degrees of freedom.

    Pulls are taken as normal, which cells of few entries are not: see ``sparse``.
    """
    if not (np.isfinite(chi2) and ndf > 0):
        return np.nan
    from scipy.special import chdtrc

    return float(chdtrc(ndf, chi2))


def sparse(counts: np.ndarray, reference: np.ndarray) -> float:
    """Share of the cells that are compared, filled on either side, in which both sides hold fewer than FEW entries."""
    together = counts + reference
    filled = together > 0
    return float(np.mean(together[filled] < FEW)) if filled.any() else 0.0


def ratio(counts: np.ndarray, reference: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``counts`` over ``expected``, the scaled ``reference``, and its error, (cells,); NaN where nothing is expected.

    The error is that of both sides' counting; a cell without entries has that of one.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(expected > 0, counts / expected, np.nan)
        own = np.sqrt(np.maximum(counts, 1)) / expected
        error = np.hypot(own, value / np.sqrt(reference))
    return value, np.where(expected > 0, error, np.nan)


def mean_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the known values of each cell and how far a new one strays from it, both (cells,)."""
    known = np.isfinite(values)
    n = known.sum(axis=0)
    filled = np.where(known, values, 0)
    mean = np.where(n > 0, filled.sum(axis=0) / np.maximum(n, 1), np.nan)
    squares = np.where(known, values - mean, 0) ** 2
    return mean, _strays(squares.sum(axis=0), n)


def mean_and_spread_of_others(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for every row from all the others, both (n, cells)."""
    known = np.isfinite(values)
    mean, _ = mean_and_spread(values)
    away = np.where(known, values - mean, 0)
    n = known.sum(axis=0) - known
    shift = np.where(n > 0, -away / np.maximum(n, 1), np.nan)
    squares = (away**2).sum(axis=0) - away**2 - n * shift**2
    return mean + shift, _strays(np.maximum(squares, 0), n)


def _strays(squares: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Of a mean of ``n``, the spread of single values and the mean's own error together; NaN below two values."""
    return np.sqrt(np.where(n > 1, squares / np.maximum(n - 1, 1) * (1 + 1 / np.maximum(n, 1)), np.nan))


class Kolmogorov(NamedTuple):
    """Largest ``distance`` of two cumulative shapes, and how often chance alone gives as much.

    In bins, the probability comes out a little too large.
    """

    distance: float
    probability: float


def kolmogorov(counts: np.ndarray, reference: np.ndarray) -> Kolmogorov:
    """Two histograms (cells,) of counts, in the order of the axis."""
    total, held = counts.sum(), reference.sum()
    if not (total > 0 and held > 0):
        return Kolmogorov(np.nan, np.nan)
    distance = float(np.abs(np.cumsum(counts / total - reference / held)).max())
    root = np.sqrt(total * held / (total + held))
    scaled = distance * (root + 0.12 + 0.11 / root)
    return Kolmogorov(distance, _kolmogorov_tail(scaled))


def _kolmogorov_tail(scaled: float) -> float:
    """Kolmogorov's distribution from ``scaled`` on; its alternating series converges slowly near zero."""
    if scaled < 0.3:
        return 1.0
    terms = np.arange(1, 101)
    return float(np.clip(2 * np.sum((-1.0) ** (terms - 1) * np.exp(-2 * (terms * scaled) ** 2)), 0, 1))


def as_entries(weights: np.ndarray, entries: np.ndarray) -> np.ndarray:
    """Sums of weights (n, cells) scaled to the number of ``entries`` (n,): the best counts known without variances."""
    totals = weights.sum(axis=1)
    usable = (totals > 0) & (entries > 0)
    return weights * np.where(usable, entries / np.where(usable, totals, 1), 1)[:, None]
