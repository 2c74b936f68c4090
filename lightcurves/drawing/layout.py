"""What stands around light curves on a big plot: axes, shaded spans, notes. Times are MJD (UTC)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from lightcurves.marks import Mark
from project.figures import axis

MOST_LABELS, LABEL = 40, 16
BORDER = 0.04
"""Of the range of values, above and below it."""
QUANTITIES = {"mag": ("magnitude", "mag"), "uJy": ("flux", "µJy")}
PLAIN: dict[str, Any] = {"exponentformat": "none", "zeroline": False}


@dataclass(frozen=True)
class Look:
    """``colours`` are the bands of the whole source, in the order of their colours; ``bands`` those of this plot.

    ``period`` in days folds, phase 0 at ``epoch`` (MJD).
    """

    unit: str
    colours: Sequence[str]
    bands: Sequence[str]
    lines: bool = False
    period: float | None = None
    epoch: float = 0.0
    start: float | None = None
    end: float | None = None


def quantity_of(unit: str, bands: Sequence[str]) -> tuple[str, str]:
    """What an axis says of values in ``unit``."""
    return QUANTITIES.get(unit) or (bands[0] if len(bands) == 1 else "value", unit)


def _y_range(values: np.ndarray, inverted: bool) -> dict[str, Any]:
    """All values are in it; a few wide errors may not squeeze them."""
    values = values[np.isfinite(values)]
    if not len(values):
        return {}
    low, high = float(values.min()), float(values.max())
    border = BORDER * (high - low) or max(abs(high), 1.0) * BORDER
    return {"range": [high + border, low - border] if inverted else [low - border, high + border]}


def layout(look: Look, marks: Sequence[Mark], values: np.ndarray, note: str) -> dict[str, Any]:
    """Axes for all ``values``; ``marks`` are shaded unless it is folded; ``note`` stands in a corner."""
    quantity, unit = quantity_of(look.unit, look.bands)
    y = axis(escape(quantity), escape(unit), **PLAIN) | _y_range(values, look.unit == "mag")
    if look.period is None:
        x = axis("time", "MJD, UTC", **PLAIN)
        if look.start is not None and look.end is not None:
            x["range"] = [look.start, look.end]
    else:
        x = axis(f"phase at {look.period!r} d, 0 at MJD {look.epoch:.5f}", **PLAIN, range=[0, 2])
    notes = [_note(note)] if note else []
    spans = [] if look.period is not None else list(marks)
    # A Julian date is one number: no commas in it.
    return {"xaxis": x, "yaxis": y, "separators": ".", "shapes": [_band(mark) for mark in spans],
            "annotations": notes + [_label(mark, at) for at, mark in enumerate(spans[:MOST_LABELS])]}  # fmt: skip


def _note(text: str) -> dict[str, Any]:
    return {"text": text, "xref": "paper", "yref": "paper", "x": 1, "y": 0, "xanchor": "right", "yanchor": "bottom",
            "showarrow": False, "bgcolor": "--panel"}  # fmt: skip


def _band(mark: Mark) -> dict[str, Any]:
    """With an outline: a span of one point has no width."""
    return {"type": "rect", "xref": "x", "yref": "paper", "x0": mark.start, "x1": mark.end, "y0": 0, "y1": 1,
            "fillcolor": "--bad", "opacity": 0.2, "line": {"color": "--bad", "width": 1}, "layer": "below"}  # fmt: skip


def _label(mark: Mark, number: int) -> dict[str, Any]:
    """Neighbours stand below each other."""
    return {
        "text": escape(mark.label), "xref": "x", "yref": "paper", "x": (mark.start + mark.end) / 2, "y": 1,
        "yanchor": "top", "yshift": -LABEL * (number % 3), "showarrow": False, "font": {"size": 11},
        "bgcolor": "--paper",
    }  # fmt: skip
