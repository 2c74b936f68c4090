"""How the scores of a trial are spread, with the line from which on it flags."""

from typing import Any

import numpy as np

from detections.models import Trial
from project.figures import Figure, axis, figure


def scores_figure(trial: Trial, preview: float | None = None) -> Figure | None:
    """Number of scores per bin, logarithmic; None where nothing was scored. ``preview``: another line to look at."""
    edges, counts = (np.asarray(trial.histogram.get(name) or (), float) for name in ("edges", "counts"))
    if len(edges) < 2 or not counts.any():
        return None
    bars = {
        "type": "bar", "x": ((edges[1:] + edges[:-1]) / 2).tolist(), "y": counts.tolist(),
        "width": np.diff(edges).tolist(), "marker": {"color": "--c0"}, "name": "scores",
        "hovertemplate": "score %{x:.4g}: %{y:,}<extra></extra>",
    }  # fmt: skip
    line = trial.threshold if preview is None else preview
    shapes: list[dict[str, Any]] = []
    if line is not None:
        shapes = [_upright(line)]
    return figure(
        bars, xaxis=axis("score, high is strange"), yaxis=axis("scores per bin (log)", type="log", dtick=1),
        bargap=0, shapes=shapes, margin={"l": 60, "r": 16, "t": 8, "b": 44},
    )  # fmt: skip


def _upright(at: float) -> dict[str, Any]:
    return {
        "type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": "--c1", "width": 2},
    }  # fmt: skip
