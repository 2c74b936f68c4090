"""What the tests of readers share."""

import numpy as np

from histos.records import HistogramRecord
from project.records import BadRow, Passed


def same(first, second) -> bool:
    if not isinstance(first, HistogramRecord) or not isinstance(second, HistogramRecord):
        return first == second
    dtypes = first.counts.dtype == second.counts.dtype
    return first[:-1] == second[:-1] and dtypes and np.array_equal(first.counts, second.counts)


def kept(items) -> list:
    """The records alone."""
    return [item for item in items if not isinstance(item, BadRow | Passed)]
