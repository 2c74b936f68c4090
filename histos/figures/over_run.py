"""An element over a run: heat map over trends, all on one axis of lumisections."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from histos.figures.heat import Heat, heat_of
from histos.figures.trends import Trend, flags, score_trend, trends_of
from histos.figures.words import x_words
from histos.in_run import InRun
from histos.marks import Marks
from project.figures import Figure, axis, figure

HEAT_SHARE, FLOW_SHARE, GAP = 0.52, 0.025, 0.03
"""Of the height: what the heat map takes, each strip of flow bins, and the space between rows."""


def run_figure(
    here: InRun,
    reduced: np.ndarray,
    *,
    unit_area: bool = True,
    log: bool = False,
    chosen: int | None = None,
    marks: Sequence[Marks] = (),
) -> Figure:
    """One-dimensional: the heat map over trends. Of more dimensions: trends alone, occupancy among them.

    ``reduced`` (m,) is the χ²/ndf of every histogram read, ``chosen`` the lumisection to point at.
    """
    trends = [*trends_of(here, reduced, log), *(score_trend(one) for one in marks if one.scores)]
    heat = heat_of(here, unit_area, log) if len(here.edges) == 1 else None
    layout: dict[str, Any] = {"hovermode": "closest", "shapes": []}
    low = _stack(layout, trends, heat)
    ends = [int(here.listed[0]) - 0.5, int(here.listed[-1]) + 0.5]
    layout["xaxis"] = axis("lumisection", anchor=f"y{len(trends) + 3}", domain=[0, 1], range=ends)
    traces = heat.traces((low, 1.0)) if heat else []
    _name_axes(layout, here, heat)
    for place, trend in enumerate(trends):
        traces += trend.traces(here, f"y{place + 4}")
    traces += [flags(one, f"y{len(trends) + 3}") for one in marks if one.flagged]
    if chosen is not None:
        layout["shapes"].append(_line_at(chosen))
    return figure(*traces, **layout)


def _stack(layout: dict[str, Any], trends: list[Trend], heat: Heat | None) -> float:
    """Gives every row its place, the last trend at the bottom; returns where the heat map begins."""
    low = 1 - HEAT_SHARE if heat else 1.0 + GAP
    height = low / len(trends)
    for place, trend in enumerate(trends):
        top = low - place * height - GAP
        layout[f"yaxis{place + 4}"] = trend.axis | {"domain": [round(top - height + GAP, 4), round(top, 4)]}
    return low


def _name_axes(layout: dict[str, Any], here: InRun, heat: Heat | None) -> None:
    if heat is None:
        return
    low, space = 1 - HEAT_SHARE, FLOW_SHARE + 0.005
    ends = [low + space if "underflow" in heat.flow else low, 1 - space if "overflow" in heat.flow else 1]
    layout["yaxis"] = axis(x_words(here.element), domain=ends)
    if "underflow" in heat.flow:
        layout["yaxis3"] = _strip("under", low)
    if "overflow" in heat.flow:
        layout["yaxis2"] = _strip("over", 1 - FLOW_SHARE)


def _strip(name: str, low: float) -> dict[str, Any]:
    """The axis of one flow bin, its name at the right, where no number of the heat map's axis stands."""
    return {
        "domain": [low, low + FLOW_SHARE], "type": "category", "anchor": "free", "position": 1, "side": "right",
        "tickvals": [0], "ticktext": [name], "tickfont": {"size": 10}, "ticks": "", "showline": False,
        "showgrid": False, "zeroline": False, "fixedrange": True,
    }  # fmt: skip


def _line_at(lumisection: int) -> dict[str, Any]:
    """The chosen lumisection; the page's script moves it."""
    return {
        "name": "chosen", "type": "line", "x0": lumisection, "x1": lumisection, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": "--c1", "width": 1.5, "dash": "dot"},
    }  # fmt: skip
