"""What the detectors of one job share: the samples of every round, with what was worked out of them."""

from collections.abc import Callable, Hashable

import numpy as np

from project.notes import Room
from project.samples import Samples

ROOM = 512 << 20
"""Bytes that a job keeps; what does not fit in is worked out anew for every detector."""


class Shared:
    """Lives as long as several detectors run on one set."""

    def __init__(self, size: int = ROOM) -> None:
        self.room = Room(size)
        self._samples: dict[Hashable, Samples] = {}

    def __reduce__(self) -> tuple[type["Shared"], tuple[int]]:
        """Another machine has its own room, and none for what it does once."""
        return Shared, (0,)

    def taken(self, name: Hashable, take: Callable[[], Samples]) -> Samples:
        """The samples of this ``name``: as they were taken before where there was room, else as ``take`` does it."""
        if name in self._samples:
            return self._samples[name]
        samples = take()
        if self.room.takes(_size(samples)):
            samples.notes.keep_in(self.room)
            self._samples[name] = samples
        return samples


def _size(samples: Samples) -> int:
    return sum(value.nbytes for value in vars(samples).values() if isinstance(value, np.ndarray))
