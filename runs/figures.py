"""What happened when in a run: states, luminosity, pile-up, scores and detector bits over one axis of lumisections."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from project.figures import Figure, axis, figure, parted
from runs.figure_rows import MOST, Row, Timeline, bits_rows, lane_row, measured_rows, scores_row
from runs.lanes import Judged
from runs.scores import RunKey
from runs.states import Span

GAP = 0.022
"""Between two rows, as a share of the height."""


def run_figure(
    timeline: Timeline, judged: Judged, run: int, key: RunKey, window: tuple[int | None, int | None]
) -> Figure:
    """``run`` is the row id; ``window`` the first and last lumisection shown, None: all."""
    grid = _grid(timeline, [lane.spans.get(run, []) for lane in judged.lanes])
    times = timeline.clock()
    rows = [lane_row(lane, lane.spans[run], grid, times) for lane in judged.lanes if lane.spans.get(run)]
    rows += measured_rows(timeline)
    rows += [scores_row(one, one.runs[key], grid) for one in judged.scored if key in one.runs]
    rows += bits_rows(timeline, grid)
    return _stacked(rows, grid, window)


def _grid(timeline: Timeline, lanes: Iterable[list[Span]]) -> np.ndarray:
    """Every number from the first to the last, and no more than can be drawn."""
    if len(timeline.numbers):
        first, last = int(timeline.numbers[0]), int(timeline.numbers[-1])
    else:
        first, last = 1, max((spans[-1].last for spans in lanes if spans), default=1)
    return np.arange(first, min(last, first + MOST - 1) + 1)


def _stacked(rows: list[Row], grid: np.ndarray, window: tuple[int | None, int | None]) -> Figure:
    """The rows from the top down over one x axis, each with a y axis of its own that does not zoom."""
    share = (1 - GAP * max(len(rows) - 1, 0)) / (sum(row.weight for row in rows) or 1)
    traces, axes, shapes, top = [], {}, [], 1.0
    for number, row in enumerate(rows, start=1):
        bottom = max(top - row.weight * share, 0)
        name = "" if number == 1 else str(number)
        axes[f"yaxis{name}"] = {**row.axis, "domain": [bottom, top], "fixedrange": True, "anchor": "x"}
        traces += [{**trace, "xaxis": "x", "yaxis": f"y{name}"} for trace in row.traces]
        shapes += parted(f"y{name}", row.parts)
        top = bottom - GAP
    low, high = int(grid[0]), int(grid[-1])
    ends: dict[str, Any] = {"minallowed": low - 0.5, "maxallowed": high + 0.5}
    x = axis(
        "lumisection", anchor=f"y{len(rows) if len(rows) > 1 else ''}", zeroline=False, autorangeoptions=ends, **ends,
        showspikes=True, spikemode="across", spikesnap="data", spikethickness=1,
        spikecolor="--quiet", spikedash="solid",
    )  # fmt: skip
    if window[0] or window[1]:
        x["range"] = [(window[0] or low) - 0.5, (window[1] or high) + 0.5]
    made = figure(*traces, xaxis=x, **axes, shapes=shapes, showlegend=True, bargap=0, barmode="overlay")
    return made | {"config": {"doubleClick": "autosize"}}
