"""The plots of a comparison, from its stored results; None where there is nothing to draw."""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from project.plots import Axis, Line, Plot, Points

POINTS = 100
SHARE = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
Json = dict[str, Any]
Numbers = Mapping[str, int]
"""Number of each detector, from which its colour and dash follow: the same in every plot of a page."""


def precision_recall(curves: Json, number: Numbers, found: Json) -> Plot | None:
    """Precision against recall, with the share of positives as chance; ``found``: result of the class."""
    lines = _lines(curves, number, ("pr", "recall", "precision"), step=True)
    if not lines:
        return None
    axes = Axis("recall", 0, 1, SHARE), _precision(lines)
    prevalence = (found.get("n_positives") or 0) / (found.get("n") or 1)
    chance = Line("chance", 0, [(0, prevalence), (1, prevalence)])
    return Plot(*axes, "precision against recall", lines, [chance])


def _precision(lines: list[Line]) -> Axis:
    """Up to one, or less where anomalies are so rare that all curves would lie on the floor."""
    highest = max(y for line in lines for _, y in line.points)
    top = next(top for top in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if highest <= top or top == 1)
    return Axis("precision", 0, top, tuple(round(top * share, 6) for share in SHARE))


def roc(curves: Json, number: Numbers, found: Json) -> Plot | None:
    """Efficiency against false-alarm rate, in decades down to one false alarm (six at most)."""
    lines = _lines(curves, number, ("roc", "far", "efficiency"))
    if not lines:
        return None
    negatives = (found.get("n") or 0) - (found.get("n_positives") or 0)
    decades = min(max(math.floor(math.log10(max(negatives, 10))), 1), 6)
    ticks = tuple(10.0**-power for power in range(decades, -1, -1))
    lines = [replace(line, points=_bent(line.points, ticks[0])) for line in lines]
    x = Axis("false-alarm rate (log)", ticks[0], 1, ticks, log=True)
    rates = [10 ** (-decades * step / 40) for step in range(40, -1, -1)]
    chance = Line("chance", 0, [(rate, rate) for rate in rates])
    return Plot(x, Axis("efficiency", 0, 1, SHARE), "efficiency against false-alarm rate", lines, [chance])


def strength(curves: Json, number: Numbers) -> Plot | None:
    """Efficiency against strength in units of the sampling noise."""
    lines = [Line(name, number.get(name, 0), *_bins(bins)) for name, bins in sorted(curves.items())]
    lines = [line for line in lines if line.points]
    if not lines:
        return None
    strongest = max(x for line in lines for x, _ in line.points)
    ticks = tuple(tick for tick in STRENGTHS if tick <= max(strongest * 3.4, 1))
    x = Axis("injected strength ÷ sampling noise (σ)", ticks[0], ticks[-1], ticks, log=True)
    return Plot(
        x, Axis("efficiency", 0, 1, SHARE), "efficiency against strength", lines, width=640, height=320
    )


def _lines(curves: Json, number: Numbers, names: tuple[str, str, str], step: bool = False) -> list[Line]:
    kind, x, y = names
    lines = []
    for name, at in number.items():
        curve = (curves.get(name) or {}).get(kind) or {}
        points = list(zip(curve.get(x) or (), curve.get(y) or (), strict=False))
        points = [point for point in points if None not in point]
        if points:
            lines.append(Line(name, at, _thinned(points), step=step))
    return lines


def _bent(points: Points, lowest: float) -> Points:
    """Straight pieces of a curve as they look on a logarithmic axis, which bends them."""
    bent: list[tuple[float, float]] = list(points[:1])
    for (x0, y0), (x1, y1) in pairwise(points):
        start = max(x0, lowest)
        pieces = math.ceil(8 * math.log10(x1 / start)) if x1 > start and y1 > y0 else 1
        for piece in range(1, pieces):
            x = start * (x1 / start) ** (piece / pieces)
            bent.append((x, y0 + (y1 - y0) * (x - x0) / (x1 - x0)))
        bent.append((x1, y1))
    return bent


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most ``POINTS`` of them, both ends kept; what was thinned for storing is dense where it matters."""
    if len(points) <= POINTS:
        return points
    return [points[round(i * (len(points) - 1) / (POINTS - 1))] for i in range(POINTS)]


def _bins(bins: Any) -> tuple[Points, Points]:
    """Efficiencies at the median strength of their bins, and their intervals."""
    bins = bins.get("bins", ()) if isinstance(bins, dict) else bins or ()
    kept = [one for one in bins if None not in (one.get("median_strength"), one.get("efficiency"))]
    points = [(one["median_strength"], one["efficiency"]) for one in kept]
    ends = []
    for one in kept:
        low, high = one.get("low95"), one.get("high95")
        ends.append((one["efficiency"] if low is None else low, one["efficiency"] if high is None else high))
    return points, ends
