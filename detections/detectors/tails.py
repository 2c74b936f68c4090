"""How rare a score is among those of good samples."""

from typing import NamedTuple

import numpy as np

TAIL = 0.05
"""Share of the highest good scores that tells how the tail goes on beyond them."""


class Tail(NamedTuple):
    """Good scores in order; above ``start`` an exponential tail of mean excess ``slope``."""

    known: np.ndarray
    start: float
    slope: float

    @classmethod
    def of(cls, scores: np.ndarray) -> "Tail":
        """Learned from the finite ones of ``scores`` (n,)."""
        known = np.sort(scores[np.isfinite(scores)])
        start = float(np.quantile(known, 1 - TAIL)) if len(known) else 0.0
        excess = known[known > start] - start
        # Where good scores do not differ, any other is rare, but finitely so.
        least = 1e-3 * max(abs(start), 1.0)
        return cls(known, start, max(float(excess.mean()) if len(excess) else 0.0, least))

    def log_p(self, scores: np.ndarray) -> np.ndarray:
        """ln of the probability that a good sample scores as high (n,); NaN stays NaN. Ties count as higher."""
        if not len(self.known):
            return np.where(np.isnan(scores), np.nan, 0.0)
        above = len(self.known) - np.searchsorted(self.known, np.nan_to_num(scores), side="left")
        counted = np.log((above + 1) / (len(self.known) + 1))
        beyond = np.log(TAIL) - (scores - self.start) / self.slope
        return np.where(
            np.isnan(scores), np.nan, np.where(scores > self.start, np.minimum(beyond, np.log(TAIL)), counted)
        )
