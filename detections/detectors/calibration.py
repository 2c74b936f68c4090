"""From a statistic to sigma, by what it is on good histograms of about as many entries."""

from typing import NamedTuple

import numpy as np

ROWS, MOST = 150, 5
"""Training rows that a step of the entries needs, and the most steps."""
HIGH, HIGH_SIGMA = 0.95, 1.6449
"""The quantile of the training that sets the scale, and where a normal distribution has it."""
FEWEST, LARGEST, CELLS = 500, 1500, 1_000_000
"""Fewest and most training histograms that a costly statistic is calibrated on, and cells of all of them."""


def enough(cells: int) -> int:
    """How many training histograms of so many cells tell how a statistic strays."""
    return int(np.clip(CELLS // max(cells, 1), FEWEST, LARGEST))


def some_of(counts: np.ndarray) -> np.ndarray:
    """As many rows of ``counts`` (n, cells) as are ``enough``, evenly chosen."""
    step = max(1, round(len(counts) / enough(counts.shape[1])))
    return counts[::step]


class Calibration(NamedTuple):
    """``centers`` and ``scales`` of the statistic at the ``totals`` (natural logarithms) of the entries.

    Half of the training lies below 0 and a twentieth above 1.64, at every number of entries; what lies higher follows
    the statistic in proportion, so that no order among strong anomalies is lost.
    """

    totals: np.ndarray
    centers: np.ndarray
    scales: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, totals: np.ndarray) -> "Calibration":
        """Learned from the statistic (n,) of training histograms with these totals (n,)."""
        order = np.argsort(totals, kind="stable")
        # Where all have as many there is nothing to follow.
        most = np.clip(len(order) // ROWS, 1, MOST) if np.ptp(totals) > 0 else 1
        steps = np.array_split(order, most)
        middle = [np.median(np.log(totals[rows])) for rows in steps]
        center = [np.median(values[rows]) for rows in steps]
        high = [np.quantile(values[rows], HIGH) for rows in steps]
        scale = (np.array(high) - center) / HIGH_SIGMA
        # Where nearly all training rows agree any difference is large, but it stays a number.
        least = 1e-3 * np.maximum(np.abs(center), 1)
        return cls(np.array(middle), np.array(center), np.maximum(scale, least))

    def sigma(self, values: np.ndarray, totals: np.ndarray) -> np.ndarray:
        """The statistic (n,) in sigma."""
        at = np.log(totals)
        center, scale = (np.interp(at, self.totals, known) for known in (self.centers, self.scales))
        return np.asarray((values - center) / scale)


def wilson_hilferty(ratio: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Sigma of a mean square ``ratio`` (1 is usual) whose variance is known, by the cube root.

    Wilson & Hilferty (1931), doi:10.1073/pnas.17.12.684: exact enough from 1 to many degrees of freedom.
    """
    width = np.maximum(variance, 1e-12) / 9
    return np.asarray((np.cbrt(ratio) - (1 - width)) / np.sqrt(width))
