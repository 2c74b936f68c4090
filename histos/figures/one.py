"""One histogram over its reference, below it pulls, ratio or difference, flow bins drawn apart at the ends."""

from collections.abc import Collection
from typing import Any

import numpy as np

from histos.figures.below import Below, below_of
from histos.figures.binning import even
from histos.figures.drawn import One, signs, single, steps
from histos.figures.norms import Look
from histos.figures.words import content_words, x_words
from histos.looking.in_run import InRun
from histos.reference import Deviation
from project.figures import Figure, axis, figure, packed

ENDS = 0.05
"""Of the width, for each of the flow bins."""
LOWER_SHARE = 0.27


def histogram_figure(
    here: InRun,
    row: int,
    deviation: Deviation,
    reference: np.ndarray,
    look: Look = Look(),  # noqa: B008  never changes
    marked: Collection[int] = (),
) -> Figure:
    """``deviation`` holds the one row, ``reference`` (cells,) what it was compared with; ``marked`` are cells, flow
    bins counted, that get a triangle.
    """
    one = One.of(here, row, deviation, look.norm)
    lower = below_of(look.below, one, here.comparable[row], reference, here.means)
    traces = [*_body(one, here.merge), *lower.traces(), *_ends(one, lower, look.log), *_marks(one, marked)]
    scale = _log_axis(one) if look.log else {"rangemode": "tozero"}
    words = content_words(here.element, look.norm, not even(one.edges))
    layout = {
        "xaxis": axis(x_words(here.element), anchor="y2", domain=[ENDS + 0.02, 1 - ENDS - 0.02]),
        "yaxis": axis(words, domain=[LOWER_SHARE + 0.04, 1], anchor="x2", exponentformat="power", **scale),
        "yaxis2": lower.axis | {"domain": [0, LOWER_SHARE], "anchor": "x2"},
        "xaxis2": _end([0, ENDS]), "xaxis3": _end([1 - ENDS, 1]),
        "showlegend": True, "barmode": "overlay", "bargap": 0,
    }  # fmt: skip
    return figure(*traces, **layout)


def _log_axis(one: One) -> dict[str, Any]:
    """Down to a third of the lowest bin that is filled: a reference far below it says nothing."""
    filled = one.values[one.values > 0]
    if not len(filled):
        return {"type": "log"}
    highest = max(float(filled.max()), float(np.nanmax(one.expected, initial=0)))
    return {"type": "log", "dtick": 1, "range": [np.log10(float(filled.min()) / 3), np.log10(2 * highest)]}


def _end(domain: list[float]) -> dict[str, Any]:
    return {"domain": domain, "anchor": "y2", "type": "category", "fixedrange": True, "tickangle": 0}


def _body(one: One, merge: int) -> list[dict[str, Any]]:
    centres = (one.edges[1:] + one.edges[:-1]) / 2
    line = {
        "type": "scatter", "mode": "lines", "x": packed(one.edges), "hovertemplate": "%{x:.4g}: %{y:.5g}",
    }  # fmt: skip
    name = "this lumisection" if merge == 1 else f"these {merge} lumisections"
    traces: list[dict[str, Any]] = [
        {**line, "y": packed(steps(one.values)), "name": name, "fill": "tozeroy",
         "line": {"shape": "hv", "color": "--c0", "width": 1.5}},
        {**line, "y": packed(steps(one.expected)), "name": "reference",
         "line": {"shape": "hv", "color": "--ink", "width": 1.5, "dash": "dash"}},
    ]  # fmt: skip
    if np.isfinite(one.errors[1:-1]).any():
        bars = {"array": packed(single(one.errors[1:-1])), "width": 0, "thickness": 1, "color": "--c0"}
        traces.append({
            "type": "scatter", "mode": "markers", "x": packed(centres), "y": packed(single(one.values[1:-1])),
            "marker": {"size": 1, "color": "--c0"}, "error_y": {"type": "data", **bars}, "hoverinfo": "skip",
            "showlegend": False,
        })  # fmt: skip
    return traces


def _ends(one: One, lower: Below, log: bool) -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = []
    for sign, name, cell, place in (("−∞", "underflow", 0, "x2"), ("+∞", "overflow", -1, "x3")):
        value, expected = (_number(values[cell], log) for values in (one.values, one.expected))
        same = {"x": [sign], "xaxis": place, "showlegend": False, "name": name}
        traces += [
            {"type": "bar", **same, "y": [value], "marker": {"color": "--not-scored"},
             "hovertemplate": f"{name}: %{{y:.5g}}"},
            {"type": "scatter", "mode": "markers", **same, "y": [expected], "hovertemplate": "reference: %{y:.5g}",
             "marker": {"symbol": "line-ew", "size": 16, "line": {"color": "--ink", "width": 2}}},
            {**same, **({"type": "scatter", "mode": "markers"} if lower.points else {"type": "bar"}), "yaxis": "y2",
             "y": [_number(lower.values[cell])], "hovertemplate": lower.hover,
             "marker": {"color": signs(lower.values[[cell]] - lower.level)}},
        ]  # fmt: skip
    return traces


def _marks(one: One, marked: Collection[int]) -> list[dict[str, Any]]:
    cells = [cell for cell in marked if 0 < cell < len(one.values) - 1]
    if not cells:
        return []
    centres = (one.edges[1:] + one.edges[:-1]) / 2
    return [
        {"type": "scatter", "mode": "markers", "name": "reason of the trial", "cliponaxis": False,
         "x": [float(centres[cell - 1]) for cell in cells], "y": [_number(one.values[cell]) for cell in cells],
         "marker": {"symbol": "triangle-down", "size": 12, "color": "--bad", "line": {"color": "--ink", "width": 1}},
         "hovertemplate": "%{x:.4g}: a reason for the score"},
    ]  # fmt: skip


def _number(value: float, log: bool = False) -> float | None:
    """None for what the axis cannot show."""
    return float(value) if np.isfinite(value) and (value > 0 or not log) else None
