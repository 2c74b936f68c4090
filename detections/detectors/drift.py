"""How the shape of an element moves: what training runs do among and within themselves."""

from typing import NamedTuple, Self

import numpy as np

from project.distinct import Distinct

from .pooling import pooled
from .reference import Reference

MOST_MOTIONS = 6
EDGE = 1.1
"""Over the largest singular value of pure noise (Marchenko & Pastur): so much a motion must stand out."""
LAG = 10
"""Lumisections over which slow motion is told from what differs from one to the next."""
WHOLE_RUN = 10**9


class Drift(NamedTuple):
    """``share`` (cells,) of the training, and the main directions in which good histograms move away from it.

    ``motions`` (cells, K) are added to the share in multiples z, each of which a histogram of n entries tells to
    ± 1/√n. ``between`` (K,) is the variance of z among training lumisections, ``slow`` what is added to it from one
    lumisection of a run to the next and stays, ``quick`` what does not stay. ``prior`` is how many entries of a run's
    own outweigh what the training says of everything else in its shape.
    """

    share: np.ndarray
    motions: np.ndarray
    between: np.ndarray
    slow: np.ndarray
    quick: np.ndarray
    prior: float

    @classmethod
    def of(cls, counts: np.ndarray, groups: np.ndarray) -> Self:
        """Learned from training histograms (n, cells) in order of time, with their runs (n,)."""
        reference = Reference(counts)
        share = reference.floored / reference.floored.sum()
        # A row far beyond the usual tells nothing of how good histograms move.
        rows, runs = counts[reference.usual], groups[reference.usual]
        directions, between = _directions(pooled(rows, runs), share)
        motions = np.sqrt(share)[:, None] * directions
        slow, quick = _steps(rows, runs, share, directions)
        excess = _between_runs(pooled(rows, runs, WHOLE_RUN), share, directions)
        return cls(share, motions, between, slow, quick, 1 / (excess + 1 / reference.entries))


def coordinates(counts: np.ndarray, share: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """z (n, K) of histograms: by how much each direction moves them away from ``share``."""
    totals = counts.sum(axis=1, dtype=float)[:, None]
    return np.asarray(
        (counts @ (directions / np.sqrt(share)[:, None])) / totals - np.sqrt(share) @ directions
    )


def _directions(sums: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions (cells, K), orthonormal where counting noise is even, and the variance along each."""
    totals = sums.sum(axis=1)[:, None]
    noise = (sums - totals * share) / np.sqrt(totals * share)
    _, length, rows = np.linalg.svd(noise, full_matrices=False)
    stands_out = int(np.sum(length > EDGE * (np.sqrt(len(noise)) + np.sqrt(noise.shape[1]))))
    directions = rows[: min(stands_out, MOST_MOTIONS, len(noise) // 3)].T
    z = coordinates(sums, share, directions)
    return directions, np.maximum(np.mean(z**2, axis=0) - np.mean(1 / totals), 0)


def _between_runs(runs: np.ndarray, share: np.ndarray, directions: np.ndarray) -> float:
    """Variance of a run's shape beyond counting and the motions, as a number of entries: 1 / that many."""
    totals = runs.sum(axis=1)[:, None]
    pulls = (runs - totals * share) / np.sqrt(totals * share)
    left = pulls - (pulls @ directions) @ directions.T
    # Where less than an entry is expected, the pull of a single one means nothing.
    full = totals * share >= 1
    surplus = np.where(full, left**2 - 1, 0).sum(axis=1)
    return max(float(surplus.sum()), 0.0) / max(float((totals * full).sum()), 1e-300)


def _steps(
    counts: np.ndarray, groups: np.ndarray, share: np.ndarray, directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Variances (K,) of what moves slowly, per lumisection, and of what moves quickly."""
    z, noise = coordinates(counts, share, directions), 1 / counts.sum(axis=1, dtype=float)
    code = Distinct.of(groups).code
    near, far = (_variance(z, noise, code, lag) for lag in (1, LAG))
    slow = np.maximum((far - near) / (LAG - 1), 0)
    return slow, np.maximum((near - slow) / 2, 0)


def _variance(z: np.ndarray, noise: np.ndarray, code: np.ndarray, lag: int) -> np.ndarray:
    """Mean square beyond noise (K,) of the difference of rows so far apart in the same run."""
    same = code[lag:] == code[:-lag] if len(code) > lag else np.zeros(0, bool)
    if not same.any():
        return np.zeros(z.shape[1])
    counting = (noise[lag:] + noise[:-lag])[same]
    square = (z[lag:] - z[:-lag])[same] ** 2
    # Only where counting noise is small does the motion show.
    weights = 1 / (counting + np.quantile(counting, 0.05)) ** 2
    return np.asarray(np.maximum(weights @ (square - counting[:, None]), 0) / weights.sum())
