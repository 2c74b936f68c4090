from typing import ClassVar, Self

import numpy as np

from project.samples import Samples

from .base import Reason
from .calibration import Calibration, some_of
from .counting import Boxes, halves, signed_sigma
from .histogram import HistogramDetector
from .reference import blocks, reference_of

RING = 2
"""Cells that the surroundings of a square reach beyond it, and half its own half size more."""


class Occupancy(HistogramDetector):
    """Dead and hot regions of a map: squares of cells against what the cells around them lead to expect.

    For each square of 1, 3, 5, 9, … cells the ratio to its surroundings is compared with that in the training. What
    moves a whole map or changes slowly across it (luminosity, pile-up, the beam spot) drops out. The largest deviation
    of all squares is the score, in sigma of good maps with as many entries. Along a single axis the squares are
    stretches.
    """

    name: ClassVar[str] = "occupancy"
    paper: ClassVar[str] = "Li & Ma (1983), doi:10.1086/161295; Kulldorff's scan statistic (1997)"

    def fit(self, samples: Samples) -> Self:
        counts = self._training_counts(samples)
        self.shape_: tuple[int, ...] = getattr(samples, "shape", ())
        self.reference_ = reference_of(samples, counts)
        self.share_ = Boxes(self.reference_.floored.reshape(1, *self.shape_))
        few = some_of(counts)
        totals = few.sum(axis=1, dtype=float)
        self.calibration_ = Calibration.of(self._largest(few), totals)
        return self

    def score_counts(self, counts: np.ndarray) -> np.ndarray:
        return self.calibration_.sigma(self._largest(counts), counts.sum(axis=1, dtype=float))

    def reasons_counts(self, counts: np.ndarray) -> list[list[Reason]]:
        return [self._region(row[None].astype(float)) for row in counts]

    def _largest(self, counts: np.ndarray) -> np.ndarray:
        found = np.zeros(len(counts))
        for rows, block in blocks(counts):
            maps = self._boxes(block)
            for half in halves(self.shape_):
                found[rows] = np.maximum(found[rows], np.abs(self._sigma(maps, half)).max(axis=1))
        return found

    def _region(self, row: np.ndarray) -> list[Reason]:
        """The square that deviates most, from its first to its last cell."""
        best, maps = (0.0, 0, 0), self._boxes(row)
        for half in halves(self.shape_):
            sigma = self._sigma(maps, half)[0]
            cell = int(np.abs(sigma).argmax())
            if abs(sigma[cell]) > abs(best[0]):
                best = (float(sigma[cell]), cell, half)
        return [square_reason(self.shape_, *best)]

    def _boxes(self, block: np.ndarray) -> Boxes:
        return Boxes(np.clip(block, 0, None).reshape(-1, *self.shape_))

    def _sigma(self, maps: Boxes, half: int) -> np.ndarray:
        """(n, cells): of the box around each cell."""
        wide = half + RING + half // 2
        inside, share = maps.within(half), self.share_.within(half)
        around, share_around = maps.within(wide) - inside, self.share_.within(wide) - share
        ratio = share / np.maximum(share_around, 1e-300)
        # The surroundings are counted too: half an entry keeps empty ones from promising nothing at all.
        expected = (around + 0.5) * ratio
        sigma = signed_sigma(inside, expected, expected * ratio + expected**2 / self.reference_.entries)
        # A wide square beside a dead region seems hot; what is hot shows in its own cells.
        return np.minimum(sigma, 0 if half > 1 else np.inf) * self._surrounded(half, wide)

    def _surrounded(self, half: int, wide: int) -> np.ndarray:
        """1 for squares with surroundings on all sides, and for single cells; with one side left, nobody knows which
        of the two is wrong.
        """
        inside = [np.minimum(np.arange(size), size - 1 - np.arange(size)) >= wide for size in self.shape_]
        return np.asarray(np.all(np.meshgrid(*inside, indexing="ij"), axis=0).ravel() | (half == 0)).astype(
            float
        )


def square_reason(shape: tuple[int, ...], pull: float, cell: int, half: int) -> Reason:
    """The reason for a box around ``cell``: its first and last cell, flow bins left out where others are in it."""
    at = np.unravel_index(cell, shape)
    ends = [
        (max(int(one) - half, 0), min(int(one) + half, size - 1)) for one, size in zip(at, shape, strict=True)
    ]
    ends = [(max(low, 1), min(high, size - 2)) if low < high else (low, high)
            for (low, high), size in zip(ends, shape, strict=True)]  # fmt: skip
    first, last = (int(np.ravel_multi_index([end[side] for end in ends], shape)) for side in (0, 1))
    reason: Reason = {"bin": first, "pull": round(pull, 3)}
    return reason if first == last else {**reason, "last": last}
