"""A set that is open: its samples, and the desk where a piece of work keeps those it has open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from detections.models import SampleSet
from detections.services.shared import Shared
from detections.services.worlds import Chosen
from project.samples import HistogramSequence, Samples, Series, score_groups


@dataclass
class Opened:
    """The samples of a set, in parts; score vectors run over the parts in order."""

    sample_set: SampleSet
    chosen: Chosen

    @property
    def parts(self) -> list[Samples]:
        return self.chosen.parts

    @cached_property
    def starts(self) -> np.ndarray:
        """First position in the score vector of each part, and the end."""
        return np.concatenate([[0], np.cumsum([part.n_scores for part in self.parts])])

    def groups(self) -> np.ndarray:
        """The group of every score."""
        return np.concatenate([score_groups(part) for part in self.parts])

    def at(self, position: int) -> "Place":
        """What stands behind a place in the score vector."""
        number = int(np.searchsorted(self.starts, position, side="right")) - 1
        part, offset = self.parts[number], int(position - self.starts[number])
        if isinstance(part, Series):
            row = int(np.searchsorted(part.offsets, offset, side="right")) - 1
            return Place(str(part.ids[row]), row, float(part.times[offset]))
        element = part.element if isinstance(part, HistogramSequence) else ""
        return Place(str(part.ids[offset]), offset, element=element)


class Place(NamedTuple):
    """A sample: its natural ``key``, its ``row`` in the part; of a series the ``time`` of the step, of a histogram
    the ``element``.
    """

    key: str
    row: int
    time: float | None = None
    element: str = ""


class Desk:
    """The sets that one piece of work has open: each is read once, and one just made not at all.

    Keep it no longer than the work: it does not see what others change in the tables meanwhile.
    """

    def __init__(self) -> None:
        self._open: dict[int, Opened] = {}
        self.shared: Shared | None = None

    @contextmanager
    def sharing(self) -> Iterator[None]:
        """Within, the detectors that run on one set share what they work out of its samples."""
        self.shared = Shared()
        try:
            yield
        finally:
            self.shared = None

    def put(self, sample_set: SampleSet, chosen: Chosen) -> None:
        self._open[sample_set.pk] = Opened(sample_set, chosen)

    def get(self, sample_set: SampleSet) -> Opened:
        from detections.services.opening import open_set

        if sample_set.pk not in self._open:
            self._open[sample_set.pk] = open_set(sample_set)
        return self._open[sample_set.pk]

    def clear(self) -> None:
        """Give the memory back."""
        self._open.clear()
