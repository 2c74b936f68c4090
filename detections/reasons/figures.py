"""One detection, large: what the detector saw beside what is usual, and where it differs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db.models import QuerySet

from detections.models import Detection
from detections.reasons.map import map_figure
from detections.reasons.pictures import span_of
from detections.reasons.seen import Seen, SeenHistogram, SeenSeries
from detections.reasons.shapes import regions
from detections.reasons.wording import bins_of
from histos import reference as against
from histos.figures.words import x_words
from histos.models import LumisectionHistogram, MonitoringElement
from histos.querysets import edges_of
from project.asked import plain
from project.figures import Figure, axis, figure, packed
from project.vectors import decode_matrix

MOST_RUN_ROWS = 400
"""Histograms of the run that make the reference."""
MOST_CELLS = 800_000
ENDS = 0.05
"""Of the width, for each of the flow bins."""


def detection_figure(detection: Detection, what: Seen | None) -> Figure | None:
    """None where there is nothing to draw: a row of a table is shown as a table."""
    if isinstance(what, SeenHistogram):
        return map_figure(detection, what) if len(what.element.axes) == 2 else _histogram(detection, what)
    return _series(detection, what) if isinstance(what, SeenSeries) else None


def run_reference(detection: Detection, what: SeenHistogram) -> np.ndarray | None:
    """Sum (of a profile: mean) of the other histograms of this element in the run, (cells,); None where it is alone."""
    here = detection.lumisection
    most = max(min(MOST_RUN_ROWS, MOST_CELLS // len(what.counts)), 1)

    def build() -> QuerySet:
        rows = LumisectionHistogram.objects.visible().of(what.element, what.dataset)
        others = rows.filter(lumisection__run=here.run_id).exclude(lumisection=here)  # type: ignore[union-attr]
        return others.values_list("counts")[:most]

    place = (what.element.pk, what.dataset, here.run_id, here.pk)  # type: ignore[union-attr]
    blobs = [bytes(blob) for (blob,) in plain(("rest of run", most), place, build)]
    if not blobs:
        return None
    values = decode_matrix(blobs, len(what.counts))
    return values.mean(axis=0) if _means(what.element) else values.sum(axis=0)


def _means(element: MonitoringElement) -> bool:
    return element.storage == MonitoringElement.Storage.MEAN


def _histogram(detection: Detection, what: SeenHistogram) -> Figure:
    edges, counts = edges_of(what.element)[0], what.counts.astype(float)
    usual, pulls = _usual(detection, what, counts)
    lines = [(counts, "what the detector saw", "--c1", "solid")]
    lines += [] if what.before is None else [(what.before, "as measured", "--quiet", "dot")]
    lines += [] if usual is None else [(usual, "the rest of the run", "--c0", "solid")]
    traces = [_steps(edges, *line) for line in lines]
    traces += [] if pulls is None else [_pulls(edges, pulls)]
    traces += _marked(edges, counts, bins_of(detection, what.element))
    for cell, sign, place in ((0, "−∞", "x2"), (-1, "+∞", "x3")):
        traces += _end(cell, sign, place, lines, pulls)
    quantity = "mean" if _means(what.element) else "entries per bin"
    return figure(
        *traces, xaxis=axis(x_words(what.element), anchor="y2", domain=[ENDS + 0.02, 1 - ENDS - 0.02]),
        yaxis=axis(quantity, domain=[0.34, 1], rangemode="tozero", anchor="x2"),
        yaxis2=axis("pull", "σ", domain=[0, 0.26], zeroline=True, anchor="x2", **_reach(pulls)),
        showlegend=True, barmode="overlay",
        xaxis2=_flow([0, ENDS]), xaxis3=_flow([1 - ENDS, 1]), shapes=regions(detection, what.element),
    )  # fmt: skip


def _usual(
    detection: Detection, what: SeenHistogram, counts: np.ndarray
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """What the rest of the run leads to expect, and the pulls from it, (cells,); None where there is no rest."""
    usual = run_reference(detection, what)
    if usual is None:
        return None, None
    deviation = against.of_counts(counts[None], usual)
    return usual if _means(what.element) else deviation.expected[0], deviation.pulls[0]


def _reach(pulls: np.ndarray | None) -> dict[str, Any]:
    """The range of the pulls inside the axis, which a huge one of a flow bin would flatten."""
    inside = np.zeros(1) if pulls is None else np.nan_to_num(pulls[1:-1])
    low, high = min(float(inside.min()), 0.0), max(float(inside.max()), 0.0)
    return {"range": [1.1 * low, 1.1 * high]} if low < high else {}


def _flow(domain: list[float]) -> dict[str, Any]:
    return {"domain": domain, "anchor": "y2", "type": "category", "fixedrange": True, "tickangle": 0}


def _end(
    cell: int,
    sign: str,
    place: str,
    lines: Sequence[tuple[np.ndarray, str, str, str]],
    pulls: np.ndarray | None,
) -> list[dict[str, Any]]:
    """A flow bin apart from the others: what the detector saw as a bar, the rest as strokes over it."""
    same = {
        "x": [sign],
        "xaxis": place,
        "showlegend": False,
        "name": "underflow" if cell == 0 else "overflow",
    }
    (saw, _, colour, _), *others = lines
    traces = [{"type": "bar", **same, "y": [float(saw[cell])], "marker": {"color": colour}, "opacity": 0.6}]
    traces += [
        {"type": "scatter", "mode": "markers", **same, "y": [float(values[cell])],
         "hovertemplate": f"{name}: %{{y:.5g}}",
         "marker": {"symbol": "line-ew", "size": 18, "line": {"color": stroke, "width": 2}}}
        for values, name, stroke, _ in others
    ]  # fmt: skip
    if pulls is not None and np.isfinite(pulls[cell]):
        bar = {"type": "bar", **same, "y": [float(pulls[cell])], "yaxis": "y2", "marker": {"color": "--c0"}}
        traces.append(bar | {"hovertemplate": "%{y:.2f} σ"})
    return traces


def _steps(edges: np.ndarray, counts: np.ndarray, name: str, colour: str, dash: str) -> dict[str, Any]:
    inside = counts[1:-1]
    return {
        "type": "scatter", "mode": "lines", "x": packed(edges), "y": packed(np.append(inside, inside[-1])),
        "name": name, "line": {"shape": "hv", "color": colour, "dash": dash}, "hovertemplate": "%{x:.4g}: %{y:.5g}",
    }  # fmt: skip


def _pulls(edges: np.ndarray, pulls: np.ndarray) -> dict[str, Any]:
    return {
        "type": "bar", "x": packed((edges[1:] + edges[:-1]) / 2), "y": packed(pulls[1:-1]), "yaxis": "y2",
        "width": packed(np.diff(edges)), "marker": {"color": "--c0"}, "name": "pull", "showlegend": False,
        "hovertemplate": "%{x:.4g}: %{y:.2f} σ<extra></extra>",
    }  # fmt: skip


def _marked(edges: np.ndarray, counts: np.ndarray, bins: list[int]) -> list[dict[str, Any]]:
    inside = [one for one in bins if 0 < one < len(counts) - 1]
    if not inside:
        return []
    centres = (edges[1:] + edges[:-1]) / 2
    return [
        {"type": "scatter", "mode": "markers", "x": [float(centres[one - 1]) for one in inside],
         "y": [float(counts[one]) for one in inside], "name": "why: these bins",
         "marker": {"symbol": "triangle-down", "size": 10, "color": "--ink"}, "hovertemplate": "bin at %{x:.4g}"},
    ]  # fmt: skip


def _series(detection: Detection, what: SeenSeries) -> Figure:
    magnitude = what.curve.unit == "mag"
    points = {
        "type": "scatter", "mode": "markers", "x": packed(what.times), "y": packed(what.values),
        "marker": {"color": "--c0", "size": 5}, "name": "what the detector saw",
        "hovertemplate": "MJD %{x:.5f}: %{y:.5g}<extra></extra>",
    }  # fmt: skip
    if np.isfinite(what.errors).any():
        points["error_y"] = {"type": "data", "array": packed(what.errors), "width": 0, "thickness": 1}
    traces = [points]
    if what.before is not None:
        changed = what.before != what.values
        traces.append({
            "type": "scatter", "mode": "markers", "x": packed(what.times[changed]), "y": packed(what.before[changed]),
            "marker": {"color": "--quiet", "size": 6, "symbol": "circle-open"},
            "name": "as measured, before the injection",
        })  # fmt: skip
    shapes = [_span(start, end) for start, end in span_of(detection)]
    return figure(
        *traces, xaxis=axis("time", "MJD, UTC", exponentformat="none"), shapes=shapes, showlegend=True, separators=".",
        yaxis=axis("magnitude" if magnitude else "value", what.curve.unit, inverted=magnitude),
    )  # fmt: skip


def _span(start: float, end: float) -> dict[str, Any]:
    """The flagged time, as a band; of a single step a line."""
    return {
        "type": "rect", "x0": start, "x1": end, "y0": 0, "y1": 1, "yref": "paper", "fillcolor": "--c1", "opacity": 0.25,
        "line": {"color": "--c1", "width": 2},
    }  # fmt: skip
