"""A two-dimensional histogram, its reference, and the pulls between them: three maps of the same cells."""

from typing import Any

import numpy as np

from histos import reference as against
from histos.figures.binning import merged
from histos.figures.words import colour_bar, content_words, logarithm, x_words, y_words
from histos.in_run import InRun, reference_of
from project.figures import CIVIDIS, PULLS, Figure, axis, figure, packed

PARTS = ("counts", "reference", "pulls")
MOST_ACROSS, MOST_UP = 160, 120
LEAST_PULL = 3.0
"""Pulls below so many sigma stay pale."""


def map_figure(here: InRun, row: int, other: InRun | None, part: str, log: bool = False) -> Figure:
    """One of PARTS of the histogram in ``row``; its reference is scaled to the same total.

    Cells are merged where there are more than a plot shows, and then compared.
    """
    flat = here.comparable[row], reference_of(here, row, other)
    values, reference = (_inside(here, one) for one in flat)
    edges_x, edges_y = _merged(here, values)[1:]
    values, reference = _merged(here, values)[0], _merged(here, reference)[0]
    if part == "pulls":
        z, colours = _pulls(here, values, reference)
    else:
        total, held = np.nansum(flat[0]), np.nansum(flat[1])
        scale = total / held if held > 0 and not here.means else 1.0
        z, colours = _content(here, values if part == "counts" else reference * scale, log)
    shown = "10^%{z:.2f}" if log and part != "pulls" else "%{z:.4g}"
    trace = {
        "type": "heatmap", "x": packed(edges_x), "y": packed(edges_y), "z": packed(z.astype("<f4")),
        "hoverongaps": False, "hovertemplate": f"%{{x:.4g}}, %{{y:.4g}}: {shown}<extra></extra>",
    }  # fmt: skip
    return figure(trace | colours, xaxis=axis(x_words(here.element)), yaxis=axis(y_words(here.element)))


def _inside(here: InRun, flat: np.ndarray) -> np.ndarray:
    return here.shaped(flat)[1:-1, 1:-1]


def _merged(here: InRun, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    across, edges_x = merged(values, here.edges[0], MOST_ACROSS, here.means)
    up, edges_y = merged(across.T, here.edges[1], MOST_UP, here.means)
    return up.T, edges_x, edges_y


def _content(here: InRun, values: np.ndarray, log: bool) -> tuple[np.ndarray, dict[str, Any]]:
    z = logarithm(values) if log else values
    words = content_words(here.element, unit_area=False, per_width=False).replace("per bin", "per cell")
    return z, {"colorscale": CIVIDIS, "colorbar": colour_bar(words, z, log)}


def _pulls(here: InRun, values: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
    if here.means:
        z, words = values - reference, "difference"
        largest = float(np.nanmax(np.abs(z), initial=0)) or 1.0
    else:
        z, words = (
            against.of_counts(values.reshape(1, -1), reference.ravel()).pulls.reshape(values.shape),
            "pull (σ)",
        )
        largest = max(float(np.nanmax(np.abs(z), initial=0)), LEAST_PULL)
    return z, {
        "colorscale": PULLS, "zmin": -largest, "zmax": largest, "colorbar": colour_bar(words, z, log=False),
    }  # fmt: skip
