"""What the axes of histograms say: quantity and unit, as far as an element tells."""

from typing import Any

import numpy as np

from histos.figures.norms import PER
from histos.models import MonitoringElement

LONGEST = 80
SHORT = 2.0
"""Decades below which a logarithmic scale has ticks between the powers of ten."""


def short_name(element: MonitoringElement) -> str:
    return element.name.rsplit("/", 1)[-1]


def x_words(element: MonitoringElement) -> str:
    """What the first axis measures: its label with unit, else the element's own name."""
    return plain(element.x_label or (short_name(element) if element.dimension == 1 else "x"))


def y_words(element: MonitoringElement) -> str:
    return plain(element.y_label or "y")


def content_words(element: MonitoringElement, norm: str, per_width: bool) -> str:
    """What a bin holds, as it is drawn; ``norm`` is what it is divided by."""
    if element.storage == MonitoringElement.Storage.MEAN:
        return plain(element.y_label if element.dimension == 1 and element.y_label else "mean")
    per = "per unit of x" if per_width else "per bin"
    if norm == "area":
        return f"fraction of entries {per}"
    what = "entries" if element.storage == MonitoringElement.Storage.COUNT else "sum of weights"
    return f"{what} {per}" + (f", {PER[norm]}" if norm in PER else "")


def plain(text: str) -> str:
    """What a file says, as text: the plotting script shows some HTML in labels."""
    return text[:LONGEST].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def colour_bar(title: str, values: np.ndarray, log: bool, **more: Any) -> dict[str, Any]:
    """The legend of a heat map; of logarithms it tells the numbers themselves."""
    bar = {"title": {"text": title, "side": "right"}, "thickness": 12, "outlinewidth": 0, **more}
    if not log or not np.isfinite(values).any():
        return bar
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    steps = (1, 2, 5) if high - low < SHORT else (1,)
    ticks = np.array([step * 10.0**decade for decade in range(int(low) - 2, int(high) + 2) for step in steps])
    ticks = ticks[(np.log10(ticks) >= low - 1e-9) & (np.log10(ticks) <= high + 1e-9)]
    return bar | {"tickvals": np.log10(ticks).tolist(), "ticktext": [f"{tick:g}" for tick in ticks]}


def logarithm(values: np.ndarray) -> np.ndarray:
    """Decimal logarithm; NaN where there is none."""
    return np.log10(np.where(values > 0, values, np.nan))
