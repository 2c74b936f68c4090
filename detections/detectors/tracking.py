"""What each histogram of a run leads to expect of the next: the reference of other runs, as this run moves it."""

from typing import NamedTuple

import numpy as np

from project.distinct import Distinct

from .drift import Drift

MEMORY = 300
"""Lumisections after which what a run was is half forgotten."""
TOO_FAR, TOO_STRANGE = 5.0, 5.0
"""Sigma beyond which a histogram changes nothing of what is expected of the next."""


class Expected(NamedTuple):
    """``counts`` (n, cells); variance beyond counting: ``tied`` (n, K) along the motions, ``loose`` (n,) × share."""

    counts: np.ndarray
    tied: np.ndarray
    loose: np.ndarray


def expected_of(
    drift: Drift, counts: np.ndarray, groups: np.ndarray, times: np.ndarray, follow: bool
) -> Expected:
    """What is expected of ``counts`` (n, cells) before they are seen; without ``follow`` from other runs alone.

    A Kalman filter of the motions, and a Dirichlet prior of everything else in the shape, over the lumisections of a
    run in order of time. Only those enter that were themselves as expected: a fault does not become usual by lasting.
    """
    totals = counts.sum(axis=1, dtype=float)
    found = Expected(
        totals[:, None] * drift.share,
        totals[:, None] ** 2 * (drift.between + drift.quick),
        totals**2 / drift.prior,
    )
    if follow:
        code = Distinct.of(groups).code
        order = np.lexsort((times, code))
        state, run = _Run(drift), -1
        for row in order.tolist():
            if code[row] != run:
                state, run = _Run(drift), code[row]
            one = state.next(counts[row].astype(float), totals[row])
            found.counts[row], found.tied[row], found.loose[row] = one
    return found


class _Run:
    """What is known of a run so far."""

    def __init__(self, drift: Drift) -> None:
        self.drift = drift
        self.z, self.variance = np.zeros(len(drift.between)), drift.between.copy()
        self.beyond, self.entries = np.zeros(len(drift.share)), drift.prior
        self.measure = drift.motions / drift.share[:, None]

    def next(self, counts: np.ndarray, total: float) -> tuple[np.ndarray, np.ndarray, float]:
        """What was expected of ``counts``; learns from them where they are as expected."""
        drift = self.drift
        self.variance = self.variance + drift.slow
        share = drift.share + drift.motions @ self.z + self.beyond / self.entries
        expected = total * np.maximum(share, 0.02 * drift.share)
        tied, loose = total**2 * (self.variance + drift.quick), total**2 / self.entries
        self._learn(counts - expected, total)
        return expected, tied, loose

    def _learn(self, rest: np.ndarray, total: float) -> None:
        drift = self.drift
        step = rest @ self.measure / total
        spread = 1 / total + 1 / self.entries + self.variance + drift.quick
        left = rest - total * (drift.motions @ step)
        if (step**2 > TOO_FAR**2 * spread).any() or _strange(left, drift.share, total, self.entries):
            return
        gain = self.variance / spread
        self.z, self.variance = self.z + gain * step, (1 - gain) * self.variance
        keep = 0.5 ** (1 / MEMORY)
        self.beyond, self.entries = (
            keep * self.beyond + left,
            drift.prior + keep * (self.entries - drift.prior) + total,
        )


def _strange(left: np.ndarray, share: np.ndarray, total: float, entries: float) -> bool:
    """Whether what the motions do not explain is more than counting, by χ²."""
    counting = total * share * (1 + total / entries)
    weight = 1 / (counting + 1)
    known = counting * weight
    surplus = float(left**2 @ weight - known.sum())
    return surplus > TOO_STRANGE * float(np.sqrt(np.sum(2 * known**2 + counting * weight**2)))
