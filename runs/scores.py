"""Scores of lumisections on the pages of runs, which know nothing of who computes them.

An app above says once, when it is ready: ``offer(scorer)``. The page then has a choice of what the scorer offers, draws
the states of the lumisections by it, and their scores over the same axis as all else. High score: strange.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from runs.states import NOT_JUDGED, Span


class RunKey(NamedTuple):
    """A run by its natural key."""

    experiment: str
    number: int


@dataclass(frozen=True)
class Choice:
    """Scores that can be chosen: ``value`` in the URL; ``marks`` say what must be known of them, as ``injected``.
    ``short`` is the label where there is little room.
    """

    value: str
    label: str
    url: str = ""
    marks: tuple[str, ...] = ()
    short: str = ""


@dataclass(frozen=True)
class RunScores:
    """The scores of one run: lumisection ``numbers`` (n,) ascending, the highest score of each in ``values`` (n,)
    (NaN: not scored), and ``what`` had it.
    """

    numbers: np.ndarray
    values: np.ndarray
    what: Sequence[str]

    def spans(self, threshold: float | None) -> list[Span]:
        """From ``threshold`` on bad, below it good; without a threshold nothing is judged."""
        limit = np.inf if threshold is None else threshold
        states = np.where(self.values >= limit, "bad", "good" if threshold is not None else NOT_JUDGED)
        states = np.where(np.isnan(self.values), NOT_JUDGED, states)
        breaks = np.flatnonzero((np.diff(self.numbers) != 1) | (states[1:] != states[:-1])) + 1
        firsts = np.append(np.zeros(min(len(states), 1), int), breaks)
        lasts = np.append(firsts[1:], len(states))[: len(firsts)] - 1
        ends = (self.numbers[firsts].tolist(), self.numbers[lasts].tolist(), states[firsts].tolist())
        return [Span(*one) for one in zip(*ends, strict=True)]


@dataclass(frozen=True)
class Scored:
    """What was chosen, from which score on it flags, and the scores of those runs it saw."""

    choice: Choice
    threshold: float | None
    runs: dict[RunKey, RunScores] = field(default_factory=dict)


class Scorer(Protocol):
    """``parameter`` is its name in the URL, ``label`` what people call it."""

    parameter: str
    label: str

    def choices(self, runs: Sequence[RunKey]) -> list[Choice]:
        """What there is for any of these runs, the most sensible first, at most some dozens."""
        ...

    def default(self, choices: Sequence[Choice], simulated: bool) -> str:
        """The value shown where none is asked for; empty: none. ``simulated``: all runs shown are."""
        ...

    def scores(self, value: str, runs: Sequence[RunKey]) -> Scored:
        """Raises ValueError with the reason where ``value`` names nothing."""
        ...


SCORERS: list[Scorer] = []


def offer(scorer: Scorer) -> None:
    """Add ``scorer``, once."""
    if scorer not in SCORERS:
        SCORERS.append(scorer)
