"""The cells of a map that an app above marks, over the map itself."""

from collections.abc import Collection
from typing import Any

import numpy as np

from histos.looking.in_run import InRun

MOST = 40
"""Cells that are marked one by one; of more the frame around all of them is enough."""


def map_marks(here: InRun, marked: Collection[int]) -> list[dict[str, Any]]:
    """Squares around ``marked`` cells, flow cells counted, which lie inside the map; a frame where there are many."""
    x, y = here.edges
    places = (divmod(cell, len(x) + 1) for cell in marked)
    inside = [(row, column) for row, column in places if 0 < row < len(y) and 0 < column < len(x)]
    if not inside:
        return []
    rows, columns = np.array(inside).T
    same = {
        "type": "scatter",
        "name": "reason of the trial",
        "hovertemplate": "a reason for the score",
        "showlegend": False,
    }
    if len(inside) > MOST:
        left, right, low, high = x[columns.min() - 1], x[columns.max()], y[rows.min() - 1], y[rows.max()]
        corners = np.array([[left, right, right, left, left], [low, low, high, high, low]], float).tolist()
        frame = dict(zip("xy", corners, strict=True))
        return [{**same, **frame, "mode": "lines", "line": {"color": "--c1", "width": 3}}]
    centres = {"x": (x[columns - 1] + x[columns]) / 2, "y": (y[rows - 1] + y[rows]) / 2}
    mark = {"symbol": "square-open", "size": 11, "color": "--c1", "line": {"width": 2}}
    return [
        {
            **same,
            **{axis: values.tolist() for axis, values in centres.items()},
            "mode": "markers",
            "marker": mark,
        }
    ]
