"""What a ROOT histogram is to this site: its element with axes and storage, and its contents. No Django."""

import math
from itertools import pairwise

import numpy as np

from histos.readers.base import RowError
from histos.readers.root_streams import Bytes, RootAxis, Streamed, StreamError, histogram
from histos.records import Axis, Element

ONE, TWO = ("TH1F", "TH1S", "TH1D", "TProfile"), ("TH2F", "TH2S", "TH2D", "TProfile2D")
CLASSES = (*ONE, *TWO, "TH1C", "TH1I", "TH2C", "TH2I")
KEPT = 1 << 17  # elements
LONGEST_TITLE, LONGEST_LABEL = 255, 128
_EXACT = 2.0**53


class RootElements:
    """Elements by name, axes and storage; equal ones are the same object, with the title that was seen first.

    Histograms that keep squared weights are ``weighted`` (the squares themselves are not stored), profiles ``mean``;
    of the others one with whole contents counts, and one with a fraction or below zero belongs to its ``double`` twin.
    """

    def __init__(self) -> None:
        self._known: dict[tuple, Element] = {}

    def take(
        self, name: str, root_class: str, data: Bytes, leaf: str = ""
    ) -> tuple[Element, float, np.ndarray]:
        """Element, entries and contents (cells,), flow bins included, of a streamed histogram. RowError says why not.

        A title that only repeats ``leaf``, what the histogram is called in its file, is none.
        """
        try:
            streamed = histogram(data, root_class)
        except StreamError as error:
            raise RowError(str(error)) from error
        storage, counts = _stored(streamed)
        if not math.isfinite(streamed.entries) or streamed.entries < 0:
            raise RowError(f"entries are {streamed.entries:g}")
        if streamed.title == leaf:
            streamed = streamed._replace(title="")
        return self._element(name, root_class, storage, streamed), streamed.entries, counts

    def _element(self, name: str, root_class: str, storage: str, streamed: Streamed) -> Element:
        shapes = tuple(axis[1:] for axis in streamed.axes)
        key = name, root_class, storage, shapes
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            axes = tuple(_axis(axis) for axis in streamed.axes)
            labels = tuple(_plain(axis.title, LONGEST_LABEL) for axis in streamed.axes)
            title = _plain(streamed.title, LONGEST_TITLE)
            known = self._known[key] = Element(name, axes, storage, root_class, title, labels)
        return known


def _axis(axis: RootAxis) -> Axis:
    edges = axis.edges
    lower, upper = (edges[0], edges[-1]) if edges else (axis.lower, axis.upper)
    if not math.isfinite(upper - lower) or not lower < upper:
        raise RowError(f"an axis from {lower:g} to {upper:g}")
    if edges and not all(low < high for low, high in pairwise(edges)):
        raise RowError("the edges of an axis do not rise")
    return Axis(lower, upper, axis.bins, edges)


def _stored(streamed: Streamed) -> tuple[str, np.ndarray]:
    """Storage and contents."""
    # In the order of bytes of this machine, and as narrow as it is: maps are large, and this is most of their cost.
    contents = streamed.contents.astype(streamed.contents.dtype.newbyteorder("="))
    low, high = (contents.min(), contents.max()) if len(contents) else (0, 0)
    if not (math.isfinite(low) and math.isfinite(high)):  # either is NaN where one of all is
        raise RowError(f"non-finite content in cell {int(np.isfinite(contents).argmin())}")
    if streamed.weights is not None:
        filled = streamed.weights != 0
        return "mean", np.divide(contents, streamed.weights, out=np.zeros(len(contents)), where=filled)
    counts = not len(streamed.sumw2) and low >= 0 and high < _EXACT
    if counts and (contents.dtype.kind == "i" or np.array_equal(np.rint(contents), contents)):
        return "int64", contents.astype(np.int64)
    return ("weighted" if len(streamed.sumw2) else "double"), contents.astype(np.float64)


def _plain(text: str, longest: int) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:longest]
