"""One detection on a map, large: the cells that drive the score, framed."""

from typing import Any

import numpy as np

from detections.models import Detection
from detections.reasons.seen import SeenHistogram
from detections.reasons.shapes import regions
from detections.reasons.wording import bins_of
from histos.figures.words import x_words, y_words
from histos.querysets import edges_of
from project.figures import CIVIDIS, Figure, axis, figure, packed

SATURATED = 0.995
"""Share of the cells that the colours tell apart: one hot cell may not leave all the others dark."""


def map_figure(detection: Detection, what: SeenHistogram) -> Figure:
    """The map as the detector saw it, without the flow cells."""
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in edges_of(what.element))
    inside = what.counts.reshape(len(y) + 2, len(x) + 2)[1:-1, 1:-1].astype("<f4")
    cells = {
        "type": "heatmap", "z": packed(inside), "colorscale": CIVIDIS, "x": packed(x), "y": packed(y), "name": "",
        "colorbar": {"title": {"text": "entries per cell", "side": "right"}, "thickness": 12, "outlinewidth": 0},
        "hovertemplate": "x %{x:.4g} y %{y:.4g}: %{z:.5g}", **_shades(inside),
    }  # fmt: skip
    shapes = regions(detection, what.element)
    framed = _framed(bins_of(detection, what.element)[: 1 if shapes else None], x, y)
    axes = {"xaxis": axis(x_words(what.element)), "yaxis": axis(y_words(what.element))}
    return figure(cells, *framed, **axes, showlegend=bool(framed), shapes=shapes)


def _shades(inside: np.ndarray) -> dict[str, float]:
    known = inside[np.isfinite(inside)]
    if not len(known):
        return {}
    low, high = float(known.min()), float(np.quantile(known, SATURATED))
    return {"zmin": low, "zmax": high} if low < high else {}


def _framed(bins: list[int], x: np.ndarray, y: np.ndarray) -> list[dict[str, Any]]:
    """Squares around these cells, which are counted row by row with the flow cells."""
    places = [divmod(one, len(x) + 2) for one in bins]
    inside = [(row - 1, column - 1) for row, column in places if 0 < row <= len(y) and 0 < column <= len(x)]
    if not inside:
        return []
    return [
        {"type": "scatter", "mode": "markers", "x": [float(x[column]) for _, column in inside],
         "y": [float(y[row]) for row, _ in inside], "name": "why: these cells",
         "hovertemplate": "a reason for the score",
         "marker": {"symbol": "square-open", "size": 14, "color": "--c1", "line": {"width": 3}}},
    ]  # fmt: skip
