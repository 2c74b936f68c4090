"""A ranking cut into blocks of equal score: all that a metric may look at. NumPy only.

Every metric here is a function of the true and false positives along the ranking, best score first. Rows with
the same score stand in one block, because no order among them exists. A run of blocks without positives is
merged into one: along it nothing but the number of false positives changes. With few positives a ranking of a
million rows is then a few dozen numbers, and a bootstrap costs next to nothing.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from detections.metrics.ordered import Ordered

Scores = np.ndarray | Ordered


class MetricError(ValueError):
    """The metric is not defined for this input."""


@dataclass(frozen=True)
class Curve:
    """Positives and negatives per block, best block first: arrays (blocks, resamples) of weighted counts."""

    positives: np.ndarray
    negatives: np.ndarray

    @cached_property
    def tp(self) -> np.ndarray:
        """Positives up to and including each block."""
        return np.cumsum(self.positives, axis=0)

    @cached_property
    def fp(self) -> np.ndarray:
        """Negatives up to and including each block."""
        return np.cumsum(self.negatives, axis=0)

    @property
    def n_positives(self) -> np.ndarray:
        return np.asarray(self.tp[-1])

    @property
    def n_negatives(self) -> np.ndarray:
        return np.asarray(self.fp[-1])


@dataclass(frozen=True)
class Ranking:
    """``block`` (n,) is the block of each row, 0 the best; ``truth`` (n,) bool."""

    block: np.ndarray
    truth: np.ndarray
    n_blocks: int

    @classmethod
    def of(cls, truth: np.ndarray, scores: Scores) -> Self:
        """Rank by score, high first. NaN (not scored) ranks below everything, all NaN in one block."""
        truth, scores = _checked(truth, scores)
        taken = scores.sizes() > 0
        has_positive = scores.sizes(truth)[taken] > 0
        begins = np.concatenate([[True], has_positive[1:] | has_positive[:-1]])
        number = np.zeros(scores.n_places, np.int32)
        number[taken] = np.cumsum(begins) - 1
        return cls(number[scores.place], truth, int(np.count_nonzero(begins)))

    def curve(self, weights: np.ndarray | None = None) -> Curve:
        """The curve with each row counted ``weights`` times (once without weights)."""
        cells = 2 * self.block.astype(np.int64) + self.truth
        totals = np.bincount(cells, weights, minlength=2 * self.n_blocks).astype(float).reshape(-1, 2, 1)
        return Curve(totals[:, 1], totals[:, 0])


def _checked(truth: np.ndarray, scores: Scores) -> tuple[np.ndarray, Ordered]:
    truth, shape = np.asarray(truth), np.shape(scores)
    if truth.ndim != 1 or truth.shape != shape:
        raise MetricError(
            f"truth is {truth.shape} and scores are {shape}: expected two vectors of one length"
        )
    if not len(truth):
        raise MetricError("no rows")
    if truth.dtype != bool and not np.isin(truth, (0, 1)).all():
        raise MetricError("truth must be bool, or 0 and 1")
    return truth.astype(bool), Ordered.of(scores)
