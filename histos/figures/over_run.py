"""An element over a run: heat map over trends and what OMS knows, all on one axis of lumisections."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from histos.figures.heat import Heat, heat_of
from histos.figures.trends import Trend, Wanted, flags, score_trend, trends_of
from histos.figures.words import x_words
from histos.looking.in_run import InRun
from histos.marks import Marks
from project.figures import Figure, axis, figure, parted
from runs.figure_rows import Row

HEAT, TREND, BESIDE = 4.4, 1.3, 0.75
"""How high the heat map is, a trend, and a row of OMS for each unit of its own weight."""
FLOW_SHARE, GAP = 0.025, 0.03
"""Of the height: each strip of flow bins, and the space between rows."""


def run_figure(
    here: InRun,
    reduced: np.ndarray,
    wanted: Wanted,
    *,
    chosen: int | None = None,
    marks: Sequence[Marks] = (),
    beside: Sequence[Row] = (),
) -> Figure:
    """One-dimensional: the heat map over trends. Of more dimensions: trends alone, occupancy among them.

    ``reduced`` (m,) is the χ²/ndf of every histogram read, ``chosen`` the lumisection to point at, ``beside`` the rows
    of luminosity, pile-up and detector bits.
    """
    trends = [*trends_of(here, reduced, wanted), *(score_trend(one) for one in marks if one.scores)]
    heat = heat_of(here, wanted.norm, wanted.log) if len(here.edges) == 1 else None
    layout: dict[str, Any] = {"hovermode": "closest", "shapes": []}
    low = _stack(layout, trends, heat, beside)
    half = here.merge / 2
    ends = [int(here.listed[0]) - half, int(here.listed[-1]) + half]
    last = f"y{len(trends) + len(beside) + 3}"
    layout["xaxis"] = axis("lumisection", anchor=last, domain=[0, 1], range=ends)
    traces = heat.traces((low, 1.0)) if heat else []
    _name_axes(layout, here, heat, low)
    for place, trend in enumerate(trends, start=4):
        traces += trend.traces(here, f"y{place}")
    for place, row in enumerate(beside, start=len(trends) + 4):
        traces += [trace | {"yaxis": f"y{place}", "showlegend": False} for trace in row.traces]
        layout["shapes"] += parted(f"y{place}", row.parts)
    traces += [flags(one, f"y{len(trends) + 3}") for one in marks if one.flagged]
    if chosen is not None:
        layout["shapes"].append(_line_at(chosen))
    return figure(*traces, **layout)


def _stack(layout: dict[str, Any], trends: list[Trend], heat: Heat | None, beside: Sequence[Row]) -> float:
    """Gives every row its place, from the top down; returns where the heat map begins."""
    weights = [TREND] * len(trends) + [BESIDE * row.weight for row in beside]
    own = HEAT if heat else 0.0
    room = 1 - GAP * (len(weights) - (0 if heat else 1))
    share = room / (own + sum(weights))
    low = 1 - own * share if heat else 1 + GAP
    top = low - GAP
    axes = [*(trend.axis for trend in trends), *(row.axis for row in beside)]
    for place, (one, weight) in enumerate(zip(axes, weights, strict=True), start=4):
        bottom = max(top - weight * share, 0.0)
        layout[f"yaxis{place}"] = one | {"domain": [round(bottom, 4), round(top, 4)]}
        top = bottom - GAP
    return low


def _name_axes(layout: dict[str, Any], here: InRun, heat: Heat | None, low: float) -> None:
    if heat is None:
        return
    space = FLOW_SHARE + 0.005
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
