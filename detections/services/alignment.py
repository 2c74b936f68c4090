"""Scores computed elsewhere, brought into the order of a sample set by natural key."""

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np

from detections.models import SampleSet
from detections.score_files import Rows
from detections.services.freezing import unpacked
from detections.services.opening import open_set
from project.errors import UserError
from project.samples import Series

NAMED = 5
"""How many wrong rows an error names."""


class ScoresError(UserError):
    """The scores do not fit the sample set; ``reasons`` has a line for each thing that is wrong."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def aligned(sample_set: SampleSet, rows: Iterable[Rows]) -> np.ndarray:
    """The score vector, (n_scores,) float64, NaN where a score was said to be missing.

    Every sample (of a series every step) must be named once: what is missing has to be said. ScoresError names the
    first few rows of each kind of fault.
    """
    slots = Slots(sample_set)
    scores = np.full(slots.n, np.nan)
    seen = np.zeros(slots.n, bool)
    faults = Faults()
    for part in rows:
        if part.first + len(part.keys) - 1 > 2 * slots.n + NAMED:
            raise ScoresError([f"there are more rows than the {slots.n:,} scores of {sample_set.name!r}"])
        places = slots.find(part)
        _note(faults, part, places, seen)
        good = places >= 0
        scores[places[good]] = part.scores[good]
        seen[places[good]] = True
    missing = np.flatnonzero(~seen)
    if len(missing):
        faults.count("missing, say null where nothing was scored", len(missing))
        for place in missing[:NAMED].tolist():
            faults.name("missing, say null where nothing was scored", slots.named(place))
    faults.tell()
    return scores


def _note(faults: "Faults", part: Rows, places: np.ndarray, seen: np.ndarray) -> None:
    known = places >= 0
    first_here = np.zeros(len(places), bool)
    first_here[np.unique(places, return_index=True)[1]] = True
    twice = known & (~first_here | seen[np.where(known, places, 0)])
    for what, mask in (
        ("not of the set", ~known),
        ("there twice", twice),
        ("infinite", np.isinf(part.scores)),
    ):
        at = np.flatnonzero(mask)
        faults.count(what, len(at))
        for place in at[:NAMED].tolist():
            faults.name(what, f"row {part.first + place}: {part.keys[place]!r:.80}")


class Slots:
    """Where each key's score belongs."""

    def __init__(self, sample_set: SampleSet) -> None:
        self.keys = unpacked(sample_set.keys)
        self.n = sample_set.n_scores
        self._world = sample_set.world
        chosen_by = sample_set.parent or sample_set
        self._experiment = f"{chosen_by.recipe.get('experiment', 'CMS')}:"
        self._row = {key: row for row, key in enumerate(self.keys)}
        self._starts = _starts(sample_set) if sample_set.kind == Series.kind else None

    def find(self, part: Rows) -> np.ndarray:
        """Places in the score vector; -1 for what is not of the set."""
        get: Callable[[str, int], int] = self._row.get
        rows = np.array([get(key, -1) for key in part.keys], np.int64)
        if (rows < 0).any() and self._short:
            unknown = np.flatnonzero(rows < 0)
            rows[unknown] = [self._short.get(part.keys[at], -1) for at in unknown.tolist()]
        if self._starts is None:
            # A table has no steps: a file that tells of some is about something else.
            return np.where(part.steps == -1, rows, -1)
        places = self._starts[np.maximum(rows, 0)] + part.steps
        inside = (rows >= 0) & (part.steps >= 0) & (places < self._starts[np.maximum(rows, 0) + 1])
        return np.where(inside, places, -1)

    @cached_property
    def _short(self) -> dict[str, int]:
        """Of histograms, keys without what all of the set share: the experiment, and the element where it is one."""
        if self._world != SampleSet.World.HISTOGRAMS:
            return {}
        elements = {key.partition(" ")[2] for key in self.keys}
        found = {key.removeprefix(self._experiment): row for key, row in self._row.items()}
        if len(elements) == 1:
            found |= {key.partition(" ")[0]: row for key, row in (self._row | found).items()}
        return found

    def named(self, place: int) -> str:
        if self._starts is None:
            return repr(self.keys[place])
        row = int(np.searchsorted(self._starts, place, side="right")) - 1
        return f"{self.keys[row]!r} step {place - int(self._starts[row])}"


def _starts(sample_set: SampleSet) -> np.ndarray:
    """First place of each series in the score vector, and the end."""
    lengths = [part.lengths for part in open_set(sample_set).parts if isinstance(part, Series)]
    return np.concatenate([[0], np.cumsum(np.concatenate(lengths))])


class Faults:
    """What is wrong with the rows: how many of each kind, and the first few by name."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._names: dict[str, list[str]] = {}

    def count(self, what: str, number: int) -> None:
        self._number[what] = self._number.get(what, 0) + number

    def name(self, what: str, name: str) -> None:
        names = self._names.setdefault(what, [])
        if len(names) < NAMED:
            names.append(name)

    def tell(self) -> None:
        """Raises ScoresError unless nothing is wrong."""
        reasons = [
            f"{number:,} {what}: {', '.join(self._names[what])}{' …' if number > len(self._names[what]) else ''}"
            for what, number in self._number.items()
            if number
        ]
        if reasons:
            raise ScoresError(reasons)
