"""Redrawing groups: all detectors are judged on the same resamples, so differences are paired. No Django."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from detections.metrics import Curve, Ranking
from project.distinct import Distinct

# How many multiplicities are held at a time: of 400,000 groups 15 columns, a line of the processor's cache for each.
_CELLS = 6_000_000


class Groups(NamedTuple):
    """``code`` (n,) the group of each row as 0 … n_groups - 1, in the order of the groups' names."""

    code: np.ndarray
    n_groups: int

    @classmethod
    def of(cls, groups: np.ndarray) -> "Groups":
        names, code = Distinct.of(np.asarray(groups))
        return cls(code.astype(np.int32), len(names))

    def count(self, rows: np.ndarray) -> int:
        """How many groups have a row in the mask ``rows``."""
        return int((np.bincount(self.code[rows], minlength=self.n_groups) > 0).sum())


def resamples(n_groups: int, n_boot: int, seed: int, columns: int) -> Iterator[np.ndarray]:
    """How often each group is drawn when as many as there are are drawn with replacement.

    Arrays (n_groups, up to ``columns``) of int32, ``n_boot`` columns in all; the numbers do not depend on
    ``columns``.
    """
    rng = np.random.default_rng(seed)
    for start in range(0, n_boot, columns):
        times = np.empty((min(columns, n_boot - start), n_groups), np.int32)
        for row in times:
            row[:] = np.bincount(rng.integers(0, n_groups, n_groups), minlength=n_groups)
        yield np.ascontiguousarray(times.T)


def columns_for(n_groups: int, n_blocks: int, n_boot: int) -> int:
    """How many resamples to hold at a time, so that memory does not grow with their number."""
    return int(np.clip(_CELLS // max(n_groups, n_blocks), 1, n_boot))


class Grouped:
    """A ranking counted per group and block: its curves on resamples are one sparse matrix product, exact."""

    def __init__(self, ranking: Ranking, groups: Groups) -> None:
        from scipy.sparse import csc_array

        self.n_blocks = ranking.n_blocks
        cells = 2 * ranking.block + ranking.truth
        ones = np.ones(len(cells), np.int32)
        shape = (2 * ranking.n_blocks, groups.n_groups)
        # Group by group: multiplicities are read in the order they lie in, the few sums stay in the cache. Cell by cell
        # the same product takes seven times as long.
        self.counts: Any = csc_array((ones, (cells, groups.code)), shape=shape)

    def curve(self, times: np.ndarray) -> Curve:
        """The curve of each resample: ``times`` (n_groups, resamples)."""
        totals = (self.counts @ times).astype(float).reshape(self.n_blocks, 2, -1)
        return Curve(totals[:, 1], totals[:, 0])
