"""The stretches and regions that drive a score, as shapes of a big plot."""

from typing import Any

import numpy as np

from detections.models import Detection
from detections.reasons.places import ends_of
from detections.reasons.wording import MOST
from histos.models import MonitoringElement


def regions(detection: Detection, element: MonitoringElement) -> list[dict[str, Any]]:
    """Of reasons that span several bins: a band over the axis, or a frame on a map."""
    shapes = []
    for reason in detection.reasons[:MOST]:
        own = reason.get("element", element.name) == element.name
        if not own or reason.get("last", reason.get("bin")) == reason.get("bin"):
            continue
        ends = ends_of(reason, element)
        if ends and np.isfinite(ends).all():
            shapes.append(_band(*ends[0]) if len(ends) == 1 else _frame(ends))
    return shapes


def _band(low: float, high: float) -> dict[str, Any]:
    return {
        "type": "rect", "x0": low, "x1": high, "y0": 0, "y1": 1, "yref": "paper", "fillcolor": "--c1", "opacity": 0.16,
        "line": {"color": "--c1", "width": 1},
    }  # fmt: skip


def _frame(ends: list[tuple[float, float]]) -> dict[str, Any]:
    (left, right), (bottom, top) = ends[:2]
    line = {"color": "--c1", "width": 3}
    return {"type": "rect", "x0": left, "x1": right, "y0": bottom, "y1": top, "line": line}
