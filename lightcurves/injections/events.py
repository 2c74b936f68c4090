"""The record of what was injected: events, and truth per time step."""

from typing import NamedTuple

import numpy as np

# An event whose steps together stay below this cannot be told from noise among many places: it is not truth.
MEASURABLE = 3.0


class Event(NamedTuple):
    """One injected event.

    ``start`` and ``end`` are the times of its first and last true step, ``first`` and ``last`` their
    positions in the score vector (NaN and -1 where nothing changed); ``strength`` as drawn; ``sigma`` what
    changed in units of the noise, √Σ(Δ/σ)² over its steps; ``n_changed`` its true steps; ``truth`` False
    where it is not measurable.
    """

    id: str
    kind: str
    start: float
    end: float
    first: int
    last: int
    strength: float
    sigma: float
    n_changed: int
    truth: bool


class Change(NamedTuple):
    """What one event did to a series whose first step is ``offset``: Δ ÷ noise and time of each step."""

    id: str
    kind: str
    strength: float
    offset: int
    relative: np.ndarray
    times: np.ndarray


class Steps:
    """Truth, kind, strength and sigma per time step, filled event by event."""

    def __init__(self, n: int) -> None:
        self.truth = np.zeros(n, bool)
        self.kind = np.full(n, "", dtype="U32")
        self.strength = np.zeros(n)
        self.sigma = np.zeros(n)

    def record(self, change: Change) -> Event:
        """Mark the steps of the event."""
        inside = true_steps(change.relative)
        if not len(inside):
            return Event(change.id, change.kind, np.nan, np.nan, -1, -1, change.strength, 0.0, 0, False)
        sigma = float(np.sqrt((change.relative**2).sum()))
        at, truth = change.offset + inside, sigma >= MEASURABLE
        self.truth[at], self.sigma[at] = truth, sigma
        self.kind[at], self.strength[at] = change.kind, change.strength
        start, end = float(change.times[inside[0]]), float(change.times[inside[-1]])
        where = (start, end, int(at[0]), int(at[-1]))
        return Event(change.id, change.kind, *where, change.strength, sigma, len(inside), truth)


def true_steps(relative: np.ndarray) -> np.ndarray:
    """The steps that belong to an event: changed by one σ at least, or by half of its largest change if less.

    The tail of a flare that drowns in noise is not truth; every step of an offset by half a σ is.
    """
    size = np.abs(relative)
    return np.flatnonzero((size > 0) & (size >= min(1.0, 0.5 * size.max(initial=0.0))))
