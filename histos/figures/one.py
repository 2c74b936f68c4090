"""One histogram over its reference, pulls below, flow bins drawn apart at the ends."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from histos.figures.binning import even
from histos.figures.words import content_words, x_words
from histos.in_run import InRun
from histos.models import MonitoringElement
from histos.reference import Deviation
from project.figures import Figure, axis, figure, packed

ENDS = 0.05
"""Of the width, for each of the flow bins."""
PULL_SHARE = 0.27


@dataclass(frozen=True)
class One:
    """Row ``row`` of ``here`` with its ``deviation`` (one row): ``values``, ``errors`` and ``expected``, (cells,).

    As drawn: in entries or as a fraction of them, per unit of x where bins differ in width; the flow bins, which have
    no width, per mean width then. ``errors`` are NaN where they are not known.
    """

    values: np.ndarray
    errors: np.ndarray
    expected: np.ndarray
    pulls: np.ndarray
    edges: np.ndarray

    @classmethod
    def of(cls, here: InRun, row: int, deviation: Deviation, unit_area: bool) -> "One":
        edges, values = here.edges[0], here.comparable[row]
        weight = _weight_of_an_entry(here, row)
        widths = np.ones(len(values))
        if not even(edges) and not here.means:
            inside = np.diff(edges)
            widths = np.concatenate([[inside.mean()], inside, [inside.mean()]])
        total = values.sum() if unit_area and not here.means else 1.0
        scale = (1.0 if unit_area else weight) / (widths * (total or 1.0))
        counts = here.element.storage == MonitoringElement.Storage.COUNT
        errors = np.sqrt(np.clip(values, 0, None)) * scale if counts else np.full(len(values), np.nan)
        return cls(values * scale, errors, deviation.expected[0] * scale, deviation.pulls[0], edges)


def _weight_of_an_entry(here: InRun, row: int) -> float:
    """What turns the entries that weights stand for back into their sum; 1 for counts and means."""
    if here.means or not here.comparable[row].sum():
        return 1.0
    return float(np.nansum(here.counts[row]) / here.comparable[row].sum())


def histogram_figure(
    here: InRun,
    row: int,
    deviation: Deviation,
    *,
    unit_area: bool = True,
    log: bool = False,
    marked: Collection[int] = (),
) -> Figure:
    """``deviation`` holds the one row; ``marked`` are cells, flow bins counted, that get a triangle."""
    one = One.of(here, row, deviation, unit_area)
    words = content_words(here.element, unit_area, not even(one.edges))
    traces = [*_body(one), *_ends(one, log), *_marks(one, marked)]
    scale = _log_axis(one) if log else {"rangemode": "tozero"}
    layout = {
        "xaxis": axis(x_words(here.element), anchor="y2", domain=[ENDS + 0.02, 1 - ENDS - 0.02]),
        "yaxis": axis(words, domain=[PULL_SHARE + 0.04, 1], anchor="x2", exponentformat="power", **scale),
        "yaxis2": axis("pull (σ)", domain=[0, PULL_SHARE], anchor="x2", zeroline=True),
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


def _body(one: One) -> list[dict[str, Any]]:
    centres, widths = (one.edges[1:] + one.edges[:-1]) / 2, np.diff(one.edges)
    steps = {
        "type": "scatter",
        "mode": "lines",
        "x": packed(one.edges),
        "hovertemplate": "%{x:.4g}: %{y:.5g}",
    }
    traces: list[dict[str, Any]] = [
        {**steps, "y": packed(_steps(one.values)), "name": "this lumisection", "fill": "tozeroy",
         "line": {"shape": "hv", "color": "--c0", "width": 1.5}},
        {**steps, "y": packed(_steps(one.expected)), "name": "reference",
         "line": {"shape": "hv", "color": "--ink", "width": 1.5, "dash": "dash"}},
        {"type": "bar", "x": packed(centres), "y": packed(_single(one.pulls[1:-1])), "width": packed(_single(widths)),
         "yaxis": "y2", "showlegend": False, "marker": {"color": _signs(one.pulls[1:-1])}, "name": "pull",
         "hovertemplate": "%{x:.4g}: %{y:.2f} σ"},
    ]  # fmt: skip
    if np.isfinite(one.errors[1:-1]).any():
        bars = {"array": packed(_single(one.errors[1:-1])), "width": 0, "thickness": 1, "color": "--c0"}
        traces.append({
            "type": "scatter", "mode": "markers", "x": packed(centres), "y": packed(_single(one.values[1:-1])),
            "marker": {"size": 1, "color": "--c0"}, "error_y": {"type": "data", **bars}, "hoverinfo": "skip",
            "showlegend": False,
        })  # fmt: skip
    return traces


def _ends(one: One, log: bool) -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = []
    for sign, name, cell, place in (("−∞", "underflow", 0, "x2"), ("+∞", "overflow", -1, "x3")):
        value, expected = (_number(values[cell], log) for values in (one.values, one.expected))
        pull = _number(one.pulls[cell])
        same = {"x": [sign], "xaxis": place, "showlegend": False, "name": name}
        traces += [
            {"type": "bar", **same, "y": [value], "marker": {"color": "--not-scored"},
             "hovertemplate": f"{name}: %{{y:.5g}}"},
            {"type": "scatter", "mode": "markers", **same, "y": [expected], "hovertemplate": "reference: %{y:.5g}",
             "marker": {"symbol": "line-ew", "size": 16, "line": {"color": "--ink", "width": 2}}},
            {"type": "bar", **same, "y": [pull], "yaxis": "y2", "hovertemplate": "%{y:.2f} σ",
             "marker": {"color": _signs(one.pulls[[cell]])}},
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


def _steps(values: np.ndarray) -> np.ndarray:
    """Values of the bins, the last one twice: a step needs its right end."""
    return _single(np.append(values[1:-1], values[-2]))


def _single(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, "<f4")


def _signs(pulls: np.ndarray) -> list[str]:
    """The colours of the maps of pulls: orange above the reference, blue below."""
    return ["--c1" if pull > 0 else "--c0" for pull in pulls]


def _number(value: float, log: bool = False) -> float | None:
    """None for what the axis cannot show."""
    return float(value) if np.isfinite(value) and (value > 0 or not log) else None
