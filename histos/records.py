"""One histogram as a reader yields it. No Django."""

from typing import NamedTuple

import numpy as np


class Axis(NamedTuple):
    """A regular axis of ``bins`` bins from ``lower`` to ``upper``, or an irregular one with ``edges`` (bins + 1)."""

    lower: float
    upper: float
    bins: int
    edges: tuple[float, ...] = ()


class Element(NamedTuple):
    """A monitoring element: its name and its binning, x axis first. Re-binned, it is another element.

    ``storage`` is the UHI storage: ``int64`` (counts), ``double`` (sums of weights), ``weighted``, ``mean``.
    """

    name: str
    axes: tuple[Axis, ...]
    storage: str = "int64"
    root_class: str = ""

    @property
    def cells(self) -> int:
        """Number of values of one histogram, flow bins included."""
        cells = 1
        for axis in self.axes:
            cells *= axis.bins + 2
        return cells


class HistogramRecord(NamedTuple):
    """A histogram of one lumisection (``lumisection`` 0: of the whole run).

    ``counts`` is one-dimensional with under- and overflow bins, y slow: ``(ybins + 2) * (xbins + 2)`` values.
    """

    line: int
    run: int
    lumisection: int
    element: Element
    entries: float
    counts: np.ndarray
