"""The rows of a Parquet of histograms as records: elements, axes, and what is wrong with a row. No Django."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from histos.readers.base import RowError
from histos.readers.ml4dqm_elements import MAX_CELLS, MAX_INTEGER
from histos.records import Axis, Element, HistogramRecord
from project.records import BadRow, Passed

KEPT = 1 << 14  # elements
AXES = ("x_min", "x_max", "x_bins", "y_min", "y_max", "y_bins")
_EXACT = 2.0**53

Row = dict[str, Any]


class Elements:
    """Rows of one file as records; remembers the elements it met, so that equal ones are the same object.

    ``root_class`` tells what a row holds, ``dataset`` which rows are wanted where rows name theirs, ``wants`` which
    elements are, ``x_slow`` how the cells of a map follow each other.
    """

    def __init__(
        self, root_class: Callable[[Row], str], wants: Callable[[str], bool], dataset: str, *, x_slow: bool
    ) -> None:
        self._root_class, self._wants, self._dataset, self._x_slow = root_class, wants, dataset, x_slow
        self._known: dict[tuple, tuple[Element, Element]] = {}
        self._others: dict[str, int] = {}

    def record(self, line: int, row: dict[str, Any]) -> Iterator[HistogramRecord | BadRow]:
        dataset = str(row.get("dataset") or "")
        if dataset and self._dataset not in ("", dataset):
            self._others[dataset] = self._others.get(dataset, 0) + 1
            return
        if isinstance(row["name"], str) and not self._wants(row["name"].strip()):
            return
        try:
            yield self._record(line, row)
        except RowError as error:
            yield BadRow(line, str(error))

    def passed(self) -> Iterator[Passed]:
        for dataset, number in sorted(self._others.items()):
            yield Passed(0, f"{number:,} rows are of dataset {dataset}: load them with --dataset {dataset}")

    def _record(self, line: int, row: dict[str, Any]) -> HistogramRecord:
        counts = _checked(row["counts"])
        element = self._element(row, counts)
        run, lumisection = whole(row, "run", 1), whole(row, "lumisection", 0)
        entries = number(row, "entries")
        if entries < 0:
            raise RowError(f"negative entries: {entries:g}")
        stored = with_flow(counts, element, x_slow=self._x_slow)
        return HistogramRecord(line, run, lumisection, element, entries, stored)

    def _element(self, row: Row, counts: np.ndarray) -> Element:
        """The element of whole counts, or its twin of fractional ones (storage ``double``)."""
        root_class = self._root_class(row)
        axes = AXES if "2" in root_class else AXES[:3]
        key = row["name"], root_class, *(row.get(name) for name in axes), len(counts)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            element = _element(row, root_class, len(counts))
            known = self._known[key] = (element, element._replace(storage="double"))
        return known[counts.dtype.kind == "f"]


def _element(row: Row, root_class: str, values: int) -> Element:
    name = row["name"]
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise RowError(f"the name is {str(name)[:40]!r}")
    axes = [_axis(row, "x"), *([_axis(row, "y")] if "2" in root_class else [])]
    element = Element(name.strip(), tuple(axes), "int64", root_class)
    bins = math.prod(axis.bins for axis in axes)
    if element.cells > MAX_CELLS:
        raise RowError(f"absurd binning: {element.cells} cells, at most {MAX_CELLS}")
    if values == element.cells:
        return element
    if values != bins:
        raise RowError(f"wrong length: {values} values, expected {bins}, or {element.cells} with flow bins")
    return element._replace(axes=tuple(axis._replace(flow=False) for axis in axes))


def with_flow(counts: np.ndarray, element: Element, *, x_slow: bool) -> np.ndarray:
    """``counts`` y slow, with flow bins of 0 around them, unless it holds flow bins: then it is as in a CSV."""
    if len(counts) == element.cells:
        return counts
    shape = [axis.bins for axis in element.axes]
    inside = counts.reshape(shape).T if x_slow else counts.reshape(shape[::-1])
    return np.pad(inside, 1).ravel()


def _checked(counts: np.ndarray | None) -> np.ndarray:
    """int64 where all are whole, else float64."""
    if not isinstance(counts, np.ndarray):
        raise RowError("its list of bins is missing, or holds what is no number")
    if counts.dtype.kind == "f" and not np.isfinite(counts).all():
        raise RowError(f"non-finite count in bin {int(np.isfinite(counts).argmin())}")
    if counts.dtype.kind != "f":
        counts = counts.astype(np.int64)
    if counts.min(initial=0) < 0:
        raise RowError(f"negative count {counts.min():g} in bin {int(counts.argmin())}")
    if counts.dtype.kind != "f" or counts.max(initial=0.0) >= _EXACT:
        return counts
    whole = counts.astype(np.int64)
    return whole if np.array_equal(whole, counts) else counts.astype(np.float64)


def _axis(row: Row, letter: str) -> Axis:
    lower, upper = number(row, f"{letter}_min"), number(row, f"{letter}_max")
    bins = whole(row, f"{letter}_bins", 1)
    if not lower < upper or not math.isfinite(upper - lower):
        raise RowError(f"the {letter} axis goes from {lower:g} to {upper:g}")
    return Axis(lower, upper, bins)


def number(row: Row, name: str) -> float:
    """A finite number."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RowError(f"{name} is not a finite number: {str(value)[:40]!r}")
    return float(value)


def whole(row: Row, name: str, lowest: int) -> int:
    """A whole number of at least ``lowest``."""
    value = number(row, name)
    if not value.is_integer() or not lowest <= value <= MAX_INTEGER:
        raise RowError(f"{name} is {value:g}, expected a whole number from {lowest}")
    return int(value)
