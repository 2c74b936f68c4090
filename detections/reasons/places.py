"""Where the bins of a reason lie, in the units of the axes."""

from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from histos.models import MonitoringElement
from histos.querysets import edges_of

Reason = dict[str, Any]
MOST_CELLS = 400
"""Cells of one region that are marked one by one."""


class Region(NamedTuple):
    """First and last cell of a reason along every axis, x first, flow cells counted."""

    first: tuple[int, ...]
    last: tuple[int, ...]

    def __contains__(self, cell: object) -> bool:
        return isinstance(cell, tuple) and all(
            low <= one <= high for low, one, high in zip(self.first, cell, self.last, strict=True)
        )


def shape_of(element: MonitoringElement) -> tuple[int, ...]:
    """Cells along every axis, x first, flow cells counted."""
    return tuple(int(axis["bins"]) + 2 for axis in element.axes)


def region_of(reason: Reason, element: MonitoringElement) -> Region | None:
    """The cells that ``reason`` names; None where it names none, or others than this binning has."""
    shape, first = shape_of(element), reason.get("bin")
    last = reason.get("last", first)
    along = "xyz".find(reason.get("axis") or "-")
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    if along >= 0 and "axis" in reason:
        if along >= len(shape) or not 0 <= first <= last < shape[along]:
            return None
        whole = [(0, size - 1) for size in shape]
        whole[along] = (first, last)
        return Region(*zip(*whole, strict=True))
    if not 0 <= first <= last < prod(shape):
        return None
    return Region(_place(first, shape), _place(last, shape))


def _place(cell: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Along every axis, x first, of a cell counted row by row. Of single cells: an array would take longer to make."""
    along = []
    for size in shape:
        cell, place = divmod(cell, size)
        along.append(place)
    return tuple(along)


def cells_of(reason: Reason, element: MonitoringElement) -> list[int]:
    """Every cell of the reason, as it is counted in the stored vector; of a large map region its corners."""
    region, shape = region_of(reason, element), shape_of(element)
    if region is None or ("axis" in reason and len(shape) > 1):
        return []
    spans = [range(low, high + 1) for low, high in zip(*region, strict=True)]
    if np.prod([len(span) for span in spans]) > MOST_CELLS:
        spans = [range(span[0], span[-1] + 1, max(len(span) - 1, 1)) for span in spans]
    places = product(*reversed(spans))
    return [int(np.ravel_multi_index(place, shape[::-1])) for place in places]


def ends_of(reason: Reason, element: MonitoringElement) -> list[tuple[float, float]]:
    """Lower and upper edge along every axis, x first; flow bins end at infinity. Empty where there is no place."""
    region = region_of(reason, element)
    if region is None:
        return []
    return [
        (float(edges[low - 1]) if low else -np.inf, float(edges[high]) if high < len(edges) else np.inf)
        for edges, low, high in zip(edges_of(element), *region, strict=True)
    ]


def place_words(reason: Reason, element: MonitoringElement) -> str:
    """``charge 21.5–24.5``; of a map ``x -12 to -8, y 0.5–0.9``; ``underflow`` and ``overflow`` of a single axis."""
    ends = ends_of(reason, element)
    names = [_name(element, axis) for axis in range(len(ends))]
    if len(ends) == 1 and reason.get("last", reason["bin"]) == 0:
        return "underflow"
    if len(ends) == 1 and reason["bin"] == shape_of(element)[0] - 1:
        return "overflow"
    known = [(name, *end) for name, end in zip(names, ends, strict=True) if np.isfinite(end).any()]
    return ", ".join(_span(*one) for one in known)


def _name(element: MonitoringElement, axis: int) -> str:
    """What an axis measures, else the element's own name, which in one dimension tells it."""
    label = (element.x_label, element.y_label)[axis] if axis < 2 else ""
    if not label and len(element.axes) == 1:
        label = element.name.rsplit("/", 1)[-1]
    return label[:60] or "xyz"[axis]


def _span(name: str, low: float, high: float) -> str:
    if not np.isfinite(low):
        return f"{name} below {high:.6g}"
    if not np.isfinite(high):
        return f"{name} above {low:.6g}"
    return f"{name} {low:.6g}–{high:.6g}" if low >= 0 else f"{name} {low:.6g} to {high:.6g}"
