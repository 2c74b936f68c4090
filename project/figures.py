"""Figures for the big interactive plots: plain data that the page's script hands to Plotly.

Colours are names of the site's CSS variables (``--bad``), which the script resolves, so that a figure follows the
theme. Only SVG and canvas traces (``scatter``, ``bar``, ``heatmap``, ``histogram2d``): WebGL ones evaluate code.
"""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

Figure = dict[str, Any]
STATES = {
    "good": "--state-good", "bad": "--bad", "not scored": "--not-scored", "no data": "--no-data", "empty": "--empty",
}  # fmt: skip
BANDS = tuple(f"--c{number}" for number in range(7))
"""Okabe–Ito colours for bands and categories, in order."""
CIVIDIS = "Cividis"
PULLS = [[0.0, "#0072B2"], [0.5, "--pull-zero"], [1.0, "#D55E00"]]
"""Colour scale of differences and pulls, to be centred on zero."""


def packed(values: Any) -> dict[str, Any]:
    """An array as Plotly reads it without parsing numbers: base64 of float32 (float64 where that would round times)."""
    array = np.asarray(values)
    if array.dtype.kind == "f":
        array = array.astype("<f8" if array.dtype.itemsize == 8 and array.ndim == 1 else "<f4")
    elif array.dtype.kind in "iub":
        array = _whole(array)
    else:
        raise TypeError(f"an array of numbers is needed, not of {array.dtype}")
    code = {"f8": "f8", "f4": "f4", "i4": "i4", "u1": "u1"}[array.dtype.str[1:]]
    data = {"dtype": code, "bdata": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()}
    return data | ({"shape": ", ".join(map(str, array.shape))} if array.ndim > 1 else {})


def _whole(array: np.ndarray) -> np.ndarray:
    if array.size == 0 or (array.min() >= 0 and array.max() < 256):
        return array.astype("u1")
    fits = abs(array.max()) < 2**31 and abs(array.min()) < 2**31
    return array.astype("<i4" if fits else "<f8")


def axis(quantity: str, unit: str = "", **more: Any) -> dict[str, Any]:
    """An axis that says its quantity and unit; ``inverted=True`` for magnitudes, ``low=True`` where its row is lower
    than the words are long: the unit has a line of its own then.
    """
    inverted, between = more.pop("inverted", False), "<br>" if more.pop("low", False) else " "
    title = f"{quantity}{between}({unit})" if unit else quantity
    return {"title": {"text": title}, **({"autorange": "reversed"} if inverted else {}), **more}


def parted(place: str, rows: int) -> list[dict[str, Any]]:
    """Lines, as shapes, between the rows of a heat map over categories on the axis ``place`` (``y6``).

    With gaps of its own the map would be drawn cell by cell, which takes longer than all else on a page of a long run.
    """
    line = {"color": "--paper", "width": 2}
    return [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "yref": place,
            "y0": row - 0.5,
            "y1": row - 0.5,
            "line": line,
        }
        for row in range(1, rows)
    ]


def figure(*traces: Mapping[str, Any], **layout: Any) -> Figure:
    return {"data": [dict(trace) for trace in traces], "layout": layout}
