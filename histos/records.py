"""One histogram, or the moments of one, as a reader yields them. No Django."""

from typing import NamedTuple

import numpy as np


class Axis(NamedTuple):
    """A regular axis of ``bins`` bins from ``lower`` to ``upper``, or an irregular one with ``edges`` (bins + 1).

    ``flow`` is False where the file does not tell what fell outside: the flow bins are there and 0, and mean nothing.
    """

    lower: float
    upper: float
    bins: int
    edges: tuple[float, ...] = ()
    flow: bool = True


class Element(NamedTuple):
    """A monitoring element: its name and its binning, x axis first. Re-binned, it is another element.

    ``storage`` is the UHI storage: ``int64`` (counts), ``double`` (sums of weights), ``weighted``, ``mean``. ``title``
    and ``labels`` (of the axes) are what a file says for people; the elements of one file that differ in nothing else
    are one object.
    """

    name: str
    axes: tuple[Axis, ...]
    storage: str = "int64"
    root_class: str = ""
    title: str = ""
    labels: tuple[str, ...] = ()

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

    @property
    def name(self) -> str:
        """The name of the element."""
        return self.element.name


class MomentsRecord(NamedTuple):
    """What is known of an element over a whole run where its bins are not; a moment that is not known is None.

    ``path`` is the place as the file gives it, ``name`` the same without what differs from run to run.
    """

    line: int
    run: int
    name: str
    path: str
    entries: float
    mean: float | None
    rms: float | None
    skewness: float | None
    kurtosis: float | None
