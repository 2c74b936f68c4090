"""An element over many runs: run × bin heat map over the trend, entries and conditions, all on one axis of runs."""

from typing import Any

import numpy as np

from histos.figures.binning import MOST_ROWS, merged
from histos.figures.words import colour_bar, content_words, plain, x_words
from histos.looking.over_runs import OverRuns
from histos.models import MonitoringElement
from histos.querysets import edges_of
from project.figures import BANDS, CIVIDIS, Figure, axis, figure, packed

HEAT, POINTS, BITS, GAP = 3.0, 1.2, 0.16, 0.03
"""Heights of the heat map, of a row of points, of one detector bit; the space between rows as a share of all."""
MOST_BITS = 12
ENTRIES = {"lumisections": "entries per LS"}


def over_runs_figure(found: OverRuns, element: MonitoringElement | None, quantity: str) -> Figure:
    """``quantity`` names the trend. Without an element there are no shapes to draw."""
    x = [str(run.number) for run in found.runs]
    rows: list[tuple[float, dict[str, Any], list[dict[str, Any]]]] = []
    if element is not None and found.shapes.shape[1:] and np.isfinite(found.shapes).any():
        rows.append(_heat(found, element, x))
    first = points(x, found.values, quantity, BANDS[0], found.errors)
    rows.append((POINTS * 1.3, axis(plain(quantity), nticks=5), [first]))
    entries = ENTRIES.get(found.source, "entries")
    rows += _row(x, found.entries, entries, "", BANDS[0])
    rows += _row(x, found.pileup, "pile-up", "", BANDS[3])
    rows += _row(x, found.luminosity, "recorded", "pb⁻¹", BANDS[2])
    if found.bits:
        rows.append(_bits(found, x))
    return _stacked(rows)


def points(
    x: list[str], values: np.ndarray, name: str, colour: str, errors: np.ndarray | None = None
) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "type": "scatter", "mode": "lines+markers", "x": x, "y": packed(values.astype("<f4")), "name": plain(name),
        "line": {"width": 1, "color": colour}, "marker": {"size": 6, "color": colour}, "connectgaps": False,
        "hovertemplate": f"run %{{x}}: %{{y:.5g}}<extra>{plain(name)}</extra>", "showlegend": False,
    }  # fmt: skip
    if errors is not None and np.isfinite(errors).any():
        bars = {"array": packed(errors.astype("<f4")), "width": 0, "thickness": 1, "color": "--quiet"}
        trace["error_y"] = {"type": "data", **bars}
    return trace


def _row(x: list[str], values: np.ndarray, name: str, unit: str, colour: str) -> list[Any]:
    if not np.isfinite(values).any():
        return []
    words = name.replace(" per ", "<br>per ")
    own = axis(words, unit, low=True, rangemode="tozero", nticks=4)
    return [(POINTS, own, [points(x, values, name, colour)])]


def _heat(found: OverRuns, element: MonitoringElement, x: list[str]) -> Any:
    means = element.storage == element.Storage.MEAN
    z, edges = merged(found.shapes[:, 1:-1], edges_of(element)[0], MOST_ROWS, means)
    words = content_words(element, "area", per_width=False)
    trace = {
        "type": "heatmap", "x": x, "y": packed(edges), "z": packed(z.T.astype("<f4")), "colorscale": CIVIDIS,
        "colorbar": colour_bar(words, z, log=False), "hoverongaps": False, "showlegend": False, "name": "",
        "hovertemplate": "run %{x}<br>at %{y:.4g}: %{z:.4g}",
    }  # fmt: skip
    return HEAT, axis(x_words(element)), [trace]


def _bits(found: OverRuns, x: list[str]) -> Any:
    names = list(found.bits)[:MOST_BITS]
    z = np.array([found.bits[name] for name in names])
    trace = {
        "type": "heatmap", "x": x, "y": [plain(name) for name in names], "z": packed(z.astype("<f4")), "ygap": 2,
        "zmin": 0, "zmax": 1, "colorscale": [[0, "--empty"], [1, "--c0"]], "showscale": False, "name": "",
        "hovertemplate": "run %{x}: %{y} on in %{z:.0%} of the lumisections looked at",
    }  # fmt: skip
    ticks = {"tickvals": trace["y"], "ticktext": trace["y"], "tickfont": {"size": 10}}
    own = {"type": "category", "autorange": "reversed", "showgrid": False, **ticks}
    return BITS * len(names) + 0.3, own, [trace]


def _stacked(rows: list[Any]) -> Figure:
    share = (1 - GAP * (len(rows) - 1)) / sum(weight for weight, _, _ in rows)
    traces, layout, top = [], {}, 1.0
    for number, (weight, own, drawn) in enumerate(rows, start=1):
        name, bottom = "" if number == 1 else str(number), max(top - weight * share, 0.0)
        layout[f"yaxis{name}"] = own | {
            "domain": [round(bottom, 4), round(top, 4)],
            "anchor": "x",
            "fixedrange": True,
        }
        traces += [trace | {"yaxis": f"y{name}"} for trace in drawn]
        top = bottom - GAP
    last = "" if len(rows) == 1 else str(len(rows))
    layout["xaxis"] = axis("run", type="category", anchor=f"y{last}", tickangle=-60)
    for trace in traces:
        if trace["type"] == "heatmap" and "colorbar" in trace:
            low, high = layout[f"yaxis{trace['yaxis'][1:]}"]["domain"]
            trace["colorbar"] |= {"len": high - low, "y": (low + high) / 2}
    return figure(*traces, **layout)
