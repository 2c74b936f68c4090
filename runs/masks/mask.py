"""A set of lumisections of many runs, as sorted ranges that neither touch nor overlap. No Django.

All runs lie on one line, each lumisection at the place ``run · 2³² + lumisection``, and a mask is the sorted edges of
its ranges there. So every operation on all runs together is a few steps over arrays.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Self

import numpy as np

LAST = 2**31 - 1
"""The largest number of a run or lumisection; a range that ends here goes to the end of its run."""
RUN_BITS = 32

Range = tuple[int, int | None]
"""First and last lumisection, both inclusive; last None: to the end of the run."""


class Mask:
    """A set of lumisections. ``edges`` int64 (2n,), strictly rising: where its n ranges begin, and the place after
    each. Never changed: operations make new ones.
    """

    __slots__ = ("edges",)

    def __init__(self, edges: np.ndarray) -> None:
        self.edges = edges

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int, int | None]]) -> Self:
        """From (run, first, last) in any order, touching and overlapping as they may. ValueError as in
        ``of_arrays``.
        """
        rows = [(run, first, LAST if last is None else last) for run, first, last in ranges]
        return cls.of_arrays(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)

    @classmethod
    def of_arrays(cls, runs: np.ndarray, firsts: np.ndarray, lasts: np.ndarray) -> Self:
        """From arrays (n,) of ranges. ValueError where one is reversed, or not within 1 to ``LAST``."""
        wrong = (firsts < 1) | (lasts < firsts) | (lasts > LAST) | (runs < 1) | (runs > LAST)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise ValueError(f"run {runs[at]}, range [{firsts[at]}, {lasts[at]}] is none of lumisections")
        return cls(_covered(_places(runs, firsts), _places(runs, lasts) + 1))

    @classmethod
    def of_lumisections(cls, runs: np.ndarray, numbers: np.ndarray) -> Self:
        """From single lumisections: ``runs`` (n,) and ``numbers`` (n,), in any order and as often as they come."""
        return cls.of_arrays(runs, numbers, numbers)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Run, first and last lumisection of every range, in order; last is ``LAST`` for the end of a run."""
        firsts, lasts = self.edges[::2], self.edges[1::2] - 1
        return firsts >> RUN_BITS, firsts & LAST, lasts & LAST

    def ranges(self) -> dict[int, list[Range]]:
        """The ranges by run, runs and ranges in order."""
        found: dict[int, list[Range]] = {}
        for run, first, last in zip(*(part.tolist() for part in self.arrays()), strict=True):
            found.setdefault(run, []).append((first, None if last == LAST else last))
        return found

    def contains(self, runs: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Which of these lumisections (n,) it holds: bool (n,)."""
        return self._holds(_places(runs, numbers))

    def __or__(self, other: "Mask") -> "Mask":
        return self._with(other, np.logical_or)

    def __and__(self, other: "Mask") -> "Mask":
        return self._with(other, np.logical_and)

    def __sub__(self, other: "Mask") -> "Mask":
        return self._with(other, np.greater)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mask) and np.array_equal(self.edges, other.edges)

    def __hash__(self) -> int:
        return hash(self.edges.tobytes())

    def __bool__(self) -> bool:
        return bool(self.edges.size)

    def __repr__(self) -> str:
        return f"Mask({len(self.runs)} runs, {self.edges.size // 2} ranges)"

    @property
    def runs(self) -> list[int]:
        """The runs of which it holds any lumisection, in order."""
        return np.unique(self.edges[::2] >> RUN_BITS).tolist()

    @property
    def open_runs(self) -> list[int]:
        """The runs that it holds to their end, wherever that is."""
        runs, _, lasts = self.arrays()
        return runs[lasts == LAST].tolist()

    def count(self) -> int:
        """How many lumisections it holds, without the ranges to the end of a run: close those first."""
        _, firsts, lasts = self.arrays()
        closed = lasts < LAST
        return int((lasts - firsts + 1)[closed].sum())

    def closed(self, ends: Mapping[int, int]) -> "Mask":
        """With the ranges to the end of a run ending at its last lumisection, where ``ends`` knows it."""
        runs, firsts, lasts = self.arrays()
        known = np.array([ends.get(run, LAST) for run in runs.tolist()], dtype=np.int64)
        lasts = np.where(lasts == LAST, known, lasts)
        there = lasts >= firsts
        return Mask.of_arrays(runs[there], firsts[there], lasts[there])

    def within(self, first_run: int, last_run: int) -> "Mask":
        """What it holds of runs ``first_run`` to ``last_run``, both inclusive."""
        runs = self.edges >> RUN_BITS
        return Mask(self.edges[(runs >= first_run) & (runs <= last_run)])

    def of_runs(self, runs: Iterable[int]) -> "Mask":
        """What it holds of these runs."""
        return Mask(self.edges[np.isin(self.edges >> RUN_BITS, list(runs))])

    def _holds(self, places: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.edges, places, side="right") % 2 == 1

    def _with(self, other: "Mask", keep: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> "Mask":
        places = np.union1d(self.edges, other.edges)
        return Mask(_edges(places, keep(self._holds(places), other._holds(places))))


def merge_ranges(ranges: Iterable[Range]) -> list[Range]:
    """The ranges of one run as few as possible and in order: the same lumisections."""
    return Mask.of((1, first, last) for first, last in ranges).ranges().get(1, [])


def _places(runs: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    return (np.asarray(runs, dtype=np.int64) << RUN_BITS) + np.asarray(numbers, dtype=np.int64)


def _covered(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The edges of all that lies in any range from ``starts`` to before ``ends``."""
    places, at = np.unique(np.concatenate([starts, ends]), return_inverse=True)
    begun = np.bincount(at[: len(starts)], minlength=len(places))
    over = np.bincount(at[len(starts) :], minlength=len(places))
    return _edges(places, np.cumsum(begun - over) > 0)


def _edges(places: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Those of ``places`` where being inside or outside begins."""
    before = np.concatenate([np.zeros(1, dtype=bool), inside[:-1]])[: len(inside)]
    return places[inside != before]
