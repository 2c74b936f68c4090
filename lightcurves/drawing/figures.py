"""Light curves as a big plot: over time, or folded at a period. Times are MJD (UTC)."""

from collections.abc import Sequence
from html import escape
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from lightcurves.drawing.decimate import extremes, gaps
from lightcurves.drawing.layout import Look, layout, quantity_of
from lightcurves.drawing.periods import phase
from lightcurves.marks import Mark
from lightcurves.times import DAY, MJD_OF_UNIX
from project.figures import BANDS, Figure, figure, packed

MOST_POINTS = 20_000
"""A plot of more shows of each span of time the lowest and the highest, and says so."""
COLUMNS = 1000
MOST_ERRORS = 5000
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")


class Curve(NamedTuple):
    """``value`` (n,) with ``error`` and ``flag`` over sorted ``time``; ``ids`` (n,) are rows of light curves."""

    name: str
    band: str
    ids: np.ndarray
    time: np.ndarray
    value: np.ndarray
    error: np.ndarray
    flag: np.ndarray

    def take(self, places: np.ndarray) -> "Curve":
        return Curve(self.name, self.band, *(column[places] for column in self[2:]))


def light_curve_figure(curves: Sequence[Curve], look: Look, marks: Sequence[Mark] = ()) -> Figure:
    """All ``curves`` over one axis; what lies outside of ``look.start`` to ``look.end`` is left out."""
    shown = [_within(curve, look) for curve in curves]
    total = sum(len(curve.time) for curve in shown)
    places = [_axis_of(curve, look) for curve in shown]
    decimated = total > MOST_POINTS
    if decimated:
        kept = [_fewer(curve, x) for curve, x in zip(shown, places, strict=True)]
        shown = [curve.take(keep) for curve, keep in zip(shown, kept, strict=True)]
        places = [x[keep] for x, keep in zip(places, kept, strict=True)]
    errors = not decimated and total <= MOST_ERRORS
    traces = []
    for curve, x in zip(shown, places, strict=True):
        traces += _traces(curve, x, look, marks, errors)
    values = np.concatenate([curve.value for curve in shown]) if shown else np.empty(0)
    made = figure(
        *traces, **layout(look, marks, values, _note_of(total, decimated)), showlegend=len(traces) > 1
    )
    return made | {"decimated": decimated, "config": {"doubleClick": "autosize"}}


def _note_of(total: int, decimated: bool) -> str:
    if decimated:
        return f"{total:,} points: of each of {COLUMNS} spans the lowest and the highest; zoom in for all"
    return "" if total else "no point here"


def _within(curve: Curve, look: Look) -> Curve:
    first = 0 if look.start is None else int(np.searchsorted(curve.time, look.start))
    last = len(curve.time) if look.end is None else int(np.searchsorted(curve.time, look.end, side="right"))
    return curve.take(np.arange(first, max(first, last)))


def _axis_of(curve: Curve, look: Look) -> np.ndarray:
    return curve.time if look.period is None else phase(curve.time, look.period, look.epoch)


def _fewer(curve: Curve, x: np.ndarray) -> np.ndarray:
    """Flagged points have extremes of their own: they would hide those of the good ones."""
    kept = []
    for places in (np.flatnonzero(curve.flag == 0), np.flatnonzero(curve.flag != 0)):
        places = places[np.argsort(x[places], kind="stable")]  # noqa: PLW2901
        kept.append(places[extremes(x[places], curve.value[places], COLUMNS)])
    return np.sort(np.concatenate(kept))


def _traces(
    curve: Curve, x: np.ndarray, look: Look, marks: Sequence[Mark], errors: bool
) -> list[dict[str, Any]]:
    good, marked = curve.flag == 0, _marked(curve, marks)
    at = look.colours.index(curve.band)
    colour, symbol = BANDS[at % len(BANDS)], SYMBOLS[at % len(SYMBOLS)]
    traces = []
    for which, name, sign in ((good, "", symbol), (~good, ", flagged", f"{symbol}-open")):
        if which.any():
            trace = _trace(curve, x, which, look, errors) | {"name": escape(f"{curve.name}{name}")}
            trace["marker"] = {"color": colour, "symbol": sign, "size": 5}
            if look.lines and not name:
                trace |= {"mode": "lines", "line": {"color": colour, "width": 1}}
            traces.append(trace)
    if marked.any():
        traces.append(_rings(curve, x, marked, look))
    return traces


def _trace(curve: Curve, x: np.ndarray, which: np.ndarray, look: Look, errors: bool) -> dict[str, Any]:
    places = np.flatnonzero(which)
    if look.period is not None:
        places = np.concatenate([places, places])
    across, said = _twice(x[which], look), _said(curve, places, errors)
    up, error = curve.value[places].astype(float), curve.error[places].astype(float)
    if look.lines and look.period is None:
        breaks = gaps(across)
        across, up, error = (np.insert(column, breaks, np.nan) for column in (across, up, error))
        said = np.insert(said, breaks, "")
    unit = quantity_of(look.unit, look.bands)[1]
    trace = {"type": "scatter", "mode": "markers", "x": packed(across), "y": packed(up),
             "customdata": said.tolist(),
             "hovertemplate": f"%{{y}} {escape(unit)}%{{customdata}}<extra>{escape(curve.name)}</extra>",
             }  # fmt: skip
    if errors and np.isfinite(error).any():
        trace["error_y"] = {"type": "data", "array": packed(error), "thickness": 1, "width": 0}
    return trace


def _twice(x: np.ndarray, look: Look) -> np.ndarray:
    """A folded light curve is shown over two periods."""
    return x if look.period is None else np.concatenate([x, x + 1])


def _said(curve: Curve, places: np.ndarray, errors: bool) -> np.ndarray:
    """Error, unless it is drawn, time and date of each point for whoever points at it; (n,) of texts."""
    time = curve.time[places]
    seconds = np.round((time - MJD_OF_UNIX) * DAY).astype("<i8").astype("<M8[s]")
    moments = np.char.replace(np.datetime_as_string(seconds, unit="m"), "T", " ")
    whens = [
        f"<br>MJD {mjd:.5f}<br>{moment} UTC"
        for mjd, moment in zip(time.tolist(), moments.tolist(), strict=True)
    ]
    if errors:
        return np.array(whens, dtype=object)
    sizes = map(_plus_minus, curve.error[places].tolist())
    return np.array([size + when for size, when in zip(sizes, whens, strict=True)], dtype=object)


def _plus_minus(error: float) -> str:
    return f" ± {error:.3g}" if isfinite(error) else ""


def _marked(curve: Curve, marks: Sequence[Mark]) -> np.ndarray:
    inside = np.zeros(len(curve.time), dtype=bool)
    for mark in marks:
        inside |= (curve.ids == mark.light_curve) & (curve.time >= mark.start) & (curve.time <= mark.end)
    return inside


def _rings(curve: Curve, x: np.ndarray, marked: np.ndarray, look: Look) -> dict[str, Any]:
    up = curve.value[marked].astype(float)
    return {
        "type": "scatter", "mode": "markers", "x": packed(_twice(x[marked], look)), "name": "detected",
        "y": packed(up if look.period is None else np.concatenate([up, up])), "hoverinfo": "skip",
        "marker": {"color": "--ink", "symbol": "circle-open", "size": 11, "line": {"width": 1.5}},
    }  # fmt: skip
