"""What several detectors work out of the same samples, worked out once for all detectors of a job. No Django.

A job gives its samples notes with room in them; samples that nobody gave any keep nothing, and everything is worked out
whenever it is asked for. What is kept goes with the samples: nothing outlives the job, and no other samples see it.
"""

from collections.abc import Callable, Hashable
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

import numpy as np

Value = TypeVar("Value")


class Room:
    """How many bytes a job may still keep, and the seconds it was spared by what it kept."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.spared = 0.0

    def takes(self, size: int) -> bool:
        """Whether ``size`` bytes more fit in; they are counted then."""
        if size > self.left:
            return False
        self.left -= size
        return True

    def clock(self) -> float:
        """Seconds as they would have passed had nothing been kept: what a detector costs by itself."""
        return perf_counter() + self.spared


class _Note(NamedTuple):
    value: Any
    seconds: float


class Notes:
    """Values by what they are called; none is kept until there is room."""

    def __init__(self) -> None:
        self._room: Room | None = None
        self._notes: dict[Hashable, _Note] = {}

    def __reduce__(self) -> tuple[type["Notes"], tuple[()]]:
        """Another machine works out its own."""
        return Notes, ()

    def keep_in(self, room: Room) -> None:
        """Keep from now on what ``room`` takes."""
        self._room = room

    def once(self, name: Hashable, work: Callable[[], Value]) -> Value:
        """What ``work`` returns; kept where there is room, and then not to be changed by who gets it."""
        if self._room is None:
            return work()
        if name in self._notes:
            note = self._notes[name]
            self._room.spared += note.seconds
            return note.value
        began = self._room.clock()
        value = work()
        if self._room.takes(_size(value)):
            self._notes[name] = _Note(value, self._room.clock() - began)
        return value

    def own(self, name: Hashable, work: Callable[[], np.ndarray]) -> np.ndarray:
        """As ``once``, an array that whoever gets it may change."""
        array = self.once(name, work)
        return array.copy() if name in self._notes else array


def _size(value: Any) -> int:
    """Bytes of an array or of several; what else is kept is small."""
    if isinstance(value, tuple):
        return sum(map(_size, value))
    return int(getattr(value, "nbytes", 0))
