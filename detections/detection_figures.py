"""One detection, large: what the detector saw beside what is usual, and where it differs."""

from typing import Any

import numpy as np

from detections.detection_pictures import span_of
from detections.models import Detection
from detections.seen import Seen, SeenHistogram, SeenSeries
from detections.wording import bins_of
from histos import reference as against
from histos.models import LumisectionHistogram, MonitoringElement
from histos.querysets import edges_of
from project.figures import CIVIDIS, Figure, axis, figure, packed

MOST_RUN_ROWS = 400
"""Histograms of the run that make the reference."""
MOST_CELLS = 800_000


def detection_figure(detection: Detection, what: Seen | None) -> Figure | None:
    """None where there is nothing to draw: a row of a table is shown as a table."""
    if isinstance(what, SeenHistogram):
        return _map(what) if len(what.element.axes) == 2 else _histogram(detection, what)
    return _series(detection, what) if isinstance(what, SeenSeries) else None


def run_reference(detection: Detection, what: SeenHistogram) -> np.ndarray | None:
    """Sum (of a profile: mean) of the other histograms of this element in the run, (cells,); None where it is alone."""
    rows = LumisectionHistogram.objects.visible().of(what.element, what.dataset)
    rows = rows.filter(lumisection__run__lumisections=detection.lumisection_id)
    rows = rows.exclude(lumisection=detection.lumisection_id)
    most = max(min(MOST_RUN_ROWS, MOST_CELLS // len(what.counts)), 1)
    blobs = [row.counts for row in rows.only("counts")[:most]]
    if not blobs:
        return None
    values = np.stack(blobs).astype(float)
    return values.mean(axis=0) if _means(what.element) else values.sum(axis=0)


def _means(element: MonitoringElement) -> bool:
    return element.storage == MonitoringElement.Storage.MEAN


def _histogram(detection: Detection, what: SeenHistogram) -> Figure:
    edges, counts = edges_of(what.element)[0], what.counts.astype(float)
    traces = [_steps(edges, counts, "what the detector saw", "--c1")]
    if what.before is not None:
        traces.append(_steps(edges, what.before, "as measured", "--quiet", dash="dot"))
    usual = run_reference(detection, what)
    if usual is not None:
        deviation = against.of_counts(counts[None], usual)
        expected = usual if _means(what.element) else deviation.expected[0]
        traces.append(_steps(edges, expected, "the rest of the run", "--c0"))
        traces.append(_pulls(edges, deviation.pulls[0]))
    traces += _marked(edges, counts, bins_of(detection))
    quantity = "mean" if _means(what.element) else "entries per bin"
    return figure(
        *traces, xaxis=axis(what.element.x_label or what.element.title or "x", anchor="y2"),
        yaxis=axis(quantity, domain=[0.34, 1], rangemode="tozero"),
        yaxis2=axis("pull", "σ", domain=[0, 0.26], zeroline=True), showlegend=True,
    )  # fmt: skip


def _steps(
    edges: np.ndarray, counts: np.ndarray, name: str, colour: str, dash: str = "solid"
) -> dict[str, Any]:
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


def _map(what: SeenHistogram) -> Figure:
    """A map as the detector saw it, without the flow cells."""
    edges_x, edges_y = edges_of(what.element)
    shape = len(edges_y) + 1, len(edges_x) + 1
    inside = what.counts.reshape(shape)[1:-1, 1:-1].astype("<f4")
    trace = {
        "type": "heatmap", "z": packed(inside), "colorscale": CIVIDIS, "colorbar": {"title": {"text": "entries"}},
        "x": packed((edges_x[1:] + edges_x[:-1]) / 2), "y": packed((edges_y[1:] + edges_y[:-1]) / 2),
    }  # fmt: skip
    return figure(trace, xaxis=axis(what.element.x_label or "x"), yaxis=axis(what.element.y_label or "y"))


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
        *traces, xaxis=axis("time", "MJD, UTC"), shapes=shapes, showlegend=True,
        yaxis=axis("magnitude" if magnitude else "value", what.curve.unit, inverted=magnitude),
    )  # fmt: skip


def _span(start: float, end: float) -> dict[str, Any]:
    """The flagged time, as a band; of a single step a line."""
    return {
        "type": "rect", "x0": start, "x1": end, "y0": 0, "y1": 1, "yref": "paper", "fillcolor": "--c1", "opacity": 0.25,
        "line": {"color": "--c1", "width": 2},
    }  # fmt: skip
