"""What stands behind a place in the score vector of a set, as far as possible without opening it."""

import re
from collections.abc import Callable

from detections.models import SampleSet
from detections.services.freezing import unpacked
from detections.services.opened import Place
from detections.services.opening import open_set
from project.samples import HistogramSequence, Series

HISTOGRAM_KEY = re.compile(r"(.+?:\d+:\d+) (.+)", re.ASCII | re.DOTALL)
"""Lumisection and element; a name may hold spaces, the numbers before it cannot."""


def places_of(sample_set: SampleSet) -> Callable[[int], Place]:
    """From a position to its Place. Only series are opened: their steps are not in the stored keys."""
    if sample_set.kind == Series.kind:
        return open_set(sample_set).at
    keys = unpacked(sample_set.keys)
    of_histograms = sample_set.kind == HistogramSequence.kind

    def at(position: int) -> Place:
        key = keys[position]
        lumisection, element = parted(key) if of_histograms else (key, "")
        return Place(lumisection, position, element=element)

    return at


def parted(key: str) -> tuple[str, str]:
    """The lumisection and the element that the key of a histogram names."""
    found = HISTOGRAM_KEY.fullmatch(key)
    return (found[1], found[2]) if found else (key, "")
