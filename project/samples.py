"""What a detector is given: a Table, a Series, a HistogramSequence or several Together. NumPy only, no Django.

Every kind carries, per sample (a row, a whole series, a histogram):
* ``ids``     natural keys, strings;
* ``groups``  what a split or a bootstrap must not cut (a run, a source), strings;
* ``roles``   bit mask of FIT and SCORE;
* ``folds``   fold number for cross-fitting, 0 where unused;
* ``notes``   what a job keeps of what was worked out of them; a changed copy has none.

``n_scores`` counts scores: one per row (Table), per histogram (HistogramSequence), per time step (Series).
"""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from project.notes import Notes

FIT, SCORE = np.uint8(1), np.uint8(2)
BOTH = np.uint8(3)
NOTHING = np.empty(0)
"""Stands for roles or folds that were not given."""


@dataclass(frozen=True, kw_only=True)
class _Samples:
    ids: np.ndarray
    groups: np.ndarray
    roles: np.ndarray = field(default_factory=lambda: NOTHING)
    folds: np.ndarray = field(default_factory=lambda: NOTHING)
    notes: Notes = field(default_factory=Notes, init=False, repr=False, compare=False)

    kind: ClassVar[str]

    def __post_init__(self) -> None:
        n = len(self.ids)
        set_ = object.__setattr__
        set_(self, "ids", np.asarray(self.ids, dtype=str))
        set_(self, "groups", np.asarray(self.groups, dtype=str))
        set_(self, "roles", np.full(n, BOTH) if self.roles is NOTHING else np.asarray(self.roles, np.uint8))
        set_(
            self,
            "folds",
            np.zeros(n, np.int16) if self.folds is NOTHING else np.asarray(self.folds, np.int16),
        )
        for name in ("groups", "roles", "folds"):
            if len(getattr(self, name)) != n:
                raise ValueError(f"{name} has {len(getattr(self, name))} items for {n} ids")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_samples(self) -> int:
        return len(self.ids)

    @property
    def n_scores(self) -> int:
        return len(self.ids)

    def _taken(self, rows: np.ndarray) -> dict[str, Any]:
        return {name: getattr(self, name)[rows] for name in ("ids", "groups", "roles", "folds")}


@dataclass(frozen=True, kw_only=True)
class Table(_Samples):
    """One row per thing: ``X`` (n, d) float, ``columns`` d names. NaN marks a missing value."""

    X: np.ndarray
    columns: tuple[str, ...]

    kind = "table"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.X.shape != (len(self.ids), len(self.columns)):
            raise ValueError(f"X is {self.X.shape}, expected ({len(self.ids)}, {len(self.columns)})")

    def take(self, rows: np.ndarray) -> Self:
        """The samples at ``rows`` (indices or a mask), in that order."""
        return replace(self, X=self.X[rows], **self._taken(rows))


@dataclass(frozen=True, kw_only=True)
class HistogramSequence(_Samples):
    """Histograms of one monitoring element, in order of time.

    ``counts`` (n, cells) with flow bins, y slow; ``edges`` one array per axis (x first) *without* flow bins, so that
    cells = prod(len(edges) + 1); ``times`` (n,) float; ``entries`` (n,) float.
    """

    counts: np.ndarray
    edges: tuple[np.ndarray, ...]
    times: np.ndarray
    entries: np.ndarray
    element: str = ""

    kind = "histograms"

    def __post_init__(self) -> None:
        super().__post_init__()
        cells = int(np.prod([len(edges) + 1 for edges in self.edges]))
        if self.counts.shape != (len(self.ids), cells):
            raise ValueError(f"counts are {self.counts.shape}, expected ({len(self.ids)}, {cells})")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one histogram with flow bins, slowest axis first: (x,) or (y, x)."""
        return tuple(len(edges) + 1 for edges in reversed(self.edges))

    def take(self, rows: np.ndarray) -> Self:
        taken: dict[str, Any] = {name: getattr(self, name)[rows] for name in ("counts", "times", "entries")}
        return replace(self, **taken, **self._taken(rows))


@dataclass(frozen=True, kw_only=True)
class Series(_Samples):
    """Ragged series: series ``i`` is ``values[offsets[i]:offsets[i + 1]]``, sorted by time.

    ``values``, ``errors`` (one standard deviation, NaN where unknown), ``times`` (MJD) are (T,) float64;
    ``offsets`` (n + 1,) int. One score per time step.
    """

    values: np.ndarray
    errors: np.ndarray
    times: np.ndarray
    offsets: np.ndarray

    kind = "series"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.offsets) != len(self.ids) + 1 or self.offsets[-1] != len(self.values):
            raise ValueError("offsets do not fit ids and values")

    @property
    def n_scores(self) -> int:
        return len(self.values)

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets)

    def take(self, rows: np.ndarray) -> Self:
        rows = np.arange(len(self.ids))[rows]
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        steps = np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
        taken: dict[str, Any] = {name: getattr(self, name)[steps] for name in ("values", "errors", "times")}
        return replace(self, offsets=offsets, **taken, **self._taken(rows))


@dataclass(frozen=True, kw_only=True)
class Together(_Samples):
    """``elements``, a HistogramSequence each; ``rows`` (elements, n) where each lumisection stands in it, -1: nowhere.

    Elements are shared by what is taken from it, and never copied.
    """

    elements: tuple[HistogramSequence, ...]
    rows: np.ndarray

    kind = "together"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rows.shape != (len(self.elements), len(self.ids)):
            raise ValueError(f"rows are {self.rows.shape}, expected ({len(self.elements)}, {len(self.ids)})")

    def take(self, rows: np.ndarray) -> Self:
        """The lumisections at ``rows`` (indices or a mask), in that order."""
        return replace(self, rows=self.rows[:, rows], **self._taken(rows))

    def has(self, number: int) -> np.ndarray:
        """Mask (n,) of the lumisections that have a histogram of this element."""
        return np.asarray(self.rows[number] >= 0)

    def of(self, number: int) -> HistogramSequence:
        """The histograms of one element, in the order of the lumisections that have one."""
        return self.elements[number].take(self.rows[number][self.has(number)])


Samples = Table | HistogramSequence | Series | Together
KINDS = (Table.kind, HistogramSequence.kind, Series.kind)


def score_index(samples: Samples, rows: np.ndarray) -> np.ndarray:
    """Positions, in the score vector of ``samples``, of the scores of the samples at ``rows``."""
    rows = np.arange(len(samples))[rows]
    if not isinstance(samples, Series):
        return rows
    lengths = samples.lengths[rows]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(rows) else np.zeros(0, int)
    return np.repeat(samples.offsets[:-1][rows] - starts, lengths) + np.arange(lengths.sum())


def score_groups(samples: Samples) -> np.ndarray:
    """The group of every score."""
    return np.repeat(samples.groups, samples.lengths) if isinstance(samples, Series) else samples.groups
