"""The rows of a run's figure: each draws one thing known of its lumisections."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from types import NoneType
from typing import Any

import numpy as np

from project.figures import BANDS, STATES, axis, packed
from runs.lanes import Lane
from runs.scores import RunScores, Scored
from runs.states import Span

MOST = 10_000
"""Lumisections drawn; the longest runs of CMS have about 5,000."""
MOST_BITS = 40
BIT = {bool, NoneType}
HEIGHTS = {"good": 0.75, "bad": 1.0, "not scored": 0.4, "no data": 0.75, "empty": 0.25}
PATTERNS = {"not scored": "/", "no data": "."}
LOG_FROM = 1000
"""How many times the median the highest of positive scores must be for a logarithmic axis."""

Trace = dict[str, Any]


@dataclass
class Row:
    """One plot of the stack: its share of the height, its y axis, its traces; into how many rows lines part it."""

    weight: float
    axis: dict[str, Any]
    traces: list[Trace]
    parts: int = 1


@dataclass
class Timeline:
    """Columns of a run's lumisections, by number; NaN and None where a value is not known."""

    numbers: np.ndarray
    times: list[Any]
    delivered: np.ndarray
    recorded: np.ndarray
    pileup: np.ndarray
    flags: list[dict[str, Any]]

    @classmethod
    def of(cls, rows: Sequence[tuple]) -> "Timeline":
        """``rows``: number, start time, delivered and recorded luminosity (pb⁻¹), pile-up, flags."""
        numbers, times, delivered, recorded, pileup, flags = zip(*rows, strict=True) if rows else ((),) * 6
        measured = [np.array(one, float) for one in (delivered, recorded, pileup)]
        return cls(
            np.array(numbers, dtype=np.int64), list(times), measured[0], measured[1], measured[2], list(flags)
        )

    def clock(self) -> dict[int, str]:
        """The time of day (UTC) at which each lumisection began, where it is known."""
        known = zip(self.numbers.tolist(), self.times, strict=True)
        return {number: f", {time:%H:%M:%S} UTC" for number, time in known if time}


def lane_row(lane: Lane, spans: list[Span], grid: np.ndarray, times: Mapping[int, str]) -> Row:
    """Bars whose height and hatch tell the state too, under an invisible row that says it of each lumisection."""
    low, high = int(grid[0]), int(grid[-1])
    shown = [Span(max(one.first, low), min(one.last, high), one.state) for one in spans]
    shown = [one for one in shown if one.first <= one.last]
    bars = [_bar(state, [one for one in shown if one.state == state]) for state in HEIGHTS]
    text = [one.state + times.get(at, "") for one in shown for at in range(one.first, one.last + 1)]
    number = np.concatenate([np.arange(one.first, one.last + 1) for one in shown])
    reads: Trace = {
        "type": "heatmap", "x": packed(number), "y": [0.5], "z": packed(np.zeros((1, len(number)), np.float32)),
        "text": [text], "opacity": 0, "showscale": False, "showlegend": False, "name": "",
        "hovertemplate": f"LS %{{x}}: %{{text}} ({_plain(lane.name)})<extra></extra>",
    }  # fmt: skip
    title = _plain(_short(lane.short or lane.name))
    return Row(
        0.45, {"range": [0, 1], "tickvals": [0.5], "ticktext": [title], "showgrid": False, "zeroline": False},
        [*(bar for bar in bars if bar), reads],
    )  # fmt: skip


def _bar(state: str, spans: list[Span]) -> Trace | None:
    if not spans:
        return None
    first, last = (
        np.array(ends, float) for ends in zip(*((one.first, one.last) for one in spans), strict=True)
    )
    return {
        "type": "bar", "x": packed((first + last) / 2), "width": packed(last - first + 1),
        "y": packed(np.full(len(spans), HEIGHTS[state])), "hoverinfo": "skip", "showlegend": False, "name": state,
        "marker": {
            "color": STATES[state], "line": {"width": 1 if state == "no data" else 0, "color": "--quiet"},
            "pattern": {"shape": PATTERNS.get(state, ""), "fgcolor": "--quiet", "size": 5, "solidity": 0.3},
        },
    }  # fmt: skip


def measured_rows(timeline: Timeline) -> list[Row]:
    rows = []
    lines = [
        _line(timeline, timeline.delivered, "delivered", "pb⁻¹", BANDS[0], dash="dot"),
        _line(timeline, timeline.recorded, "recorded", "pb⁻¹", BANDS[2]),
    ]
    if there := [line for line in lines if line]:
        rows.append(Row(2, axis("luminosity", "pb⁻¹", low=True, rangemode="tozero"), there))
    if pileup := _line(timeline, timeline.pileup, "pile-up", "", BANDS[3]):
        rows.append(Row(1.6, axis("pile-up", rangemode="tozero"), [pileup | {"showlegend": False}]))
    return rows


def _line(
    timeline: Timeline, values: np.ndarray, name: str, unit: str, colour: str, **line: str
) -> Trace | None:
    if not np.isfinite(values).any():
        return None
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": packed(timeline.numbers), "y": packed(values),
        "line": {"shape": "hvh", "width": 1.5, "color": colour, **line},
        "hovertemplate": f"LS %{{x}}: {name} %{{y:.4g}} {unit}<extra></extra>",
    }  # fmt: skip


def scores_row(scored: Scored, scores: RunScores, grid: np.ndarray) -> Row:
    values = scores.values
    known = values[np.isfinite(values)]
    log = bool(len(known)) and known.min() > 0 and known.max() > LOG_FROM * np.median(known)
    hover = "LS %{x}: score %{y:.4g}<br>%{text}<extra></extra>"
    line = {
        "type": "scatter", "mode": "lines", "name": "score", "x": packed(scores.numbers), "y": packed(values),
        "showlegend": False,
        "text": [_plain(one) for one in scores.what], "line": {"width": 1.2, "color": "--ink"}, "hovertemplate": hover,
    }  # fmt: skip
    title = axis(f"score{' (log)' if log else ''}", type="log" if log else "linear")
    return Row(2, title, [line, *_flagged(scored.threshold, scores, grid, hover)])


def _flagged(threshold: float | None, scores: RunScores, grid: np.ndarray, hover: str) -> list[Trace]:
    if threshold is None:
        return []
    ends = np.array([grid[0] - 0.5, grid[-1] + 0.5])
    over = np.flatnonzero(scores.values >= threshold).tolist()
    return [
        {"type": "scatter", "mode": "lines", "name": f"threshold {threshold:.4g}", "x": packed(ends),
         "y": packed(np.full(2, threshold)), "line": {"dash": "dash", "width": 1.2, "color": "--c1"},
         "hoverinfo": "skip", "showlegend": False},
        {"type": "scatter", "mode": "markers", "name": "flagged", "x": packed(scores.numbers[over]),
         "y": packed(scores.values[over]), "text": [_plain(scores.what[at]) for at in over], "hovertemplate": hover,
         "showlegend": False, "marker": {"symbol": "triangle-up", "size": 8, "color": "--bad"}},
    ]  # fmt: skip


def bits_rows(timeline: Timeline, grid: np.ndarray) -> list[Row]:
    """One row per flag that is on or off; what is not known stays blank."""
    names = bit_names(timeline.flags)
    if not names:
        return []
    z = np.full((len(names), len(grid)), np.nan, np.float32)
    columns = timeline.numbers - grid[0]
    fits = columns < len(grid)
    for row, name in enumerate(names):
        known = [flags.get(name) for flags in timeline.flags]
        z[row, columns[fits]] = np.array(known, dtype=float)[fits]
    # A quarter of the size, where all is known.
    small = z if np.isnan(z).any() else z.astype("u1")
    shown = {
        "type": "heatmap", "x": packed(grid), "y": [_plain(name) for name in names], "z": packed(small),
        "zmin": 0, "zmax": 1, "colorscale": [[0, "--empty"], [1, "--c0"]], "showscale": False, "name": "",
        "hovertemplate": "LS %{x}: %{y} %{z} (1: on, 0: off)<extra></extra>",
    }  # fmt: skip
    ticks = {
        "tickvals": [_plain(name) for name in names],
        "ticktext": [_plain(_short(name)) for name in names],
    }
    return [
        Row(
            0.28 * len(names) + 0.2,
            {"type": "category", "autorange": "reversed", "showgrid": False, "zeroline": False, **ticks},
            [shown],
            len(names),
        )
    ]


def bit_names(flags: Collection[dict[str, Any]]) -> list[str]:
    """Names of the flags that are never anything but on, off or not known, in the order of their coming."""
    names = dict.fromkeys(chain.from_iterable(flags))
    return [name for name in names if {type(one.get(name)) for one in flags} <= BIT][:MOST_BITS]


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:16]}…"


def _plain(name: str) -> str:
    """A name as Plotly shows it: it would take tags and its own templates for more than text."""
    return escape(name).replace("%{", "%&#123;")
