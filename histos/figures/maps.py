"""A two-dimensional histogram, its reference, and what lies between them: three maps of the same cells."""

from typing import Any

import numpy as np

from histos import reference as against
from histos.figures.binning import merged
from histos.figures.norms import Look, divisors
from histos.figures.words import colour_bar, content_words, logarithm, x_words, y_words
from histos.looking.comparing import Compared, deviation_at, reference_of
from histos.looking.in_run import InRun
from project.figures import CIVIDIS, PULLS, Figure, axis, figure, packed

PARTS = ("counts", "reference", "pulls")
"""The third shows pulls, or the ratio or the difference where that is asked."""
MOST_ACROSS, MOST_UP = 160, 120
LEAST_PULL = 3.0
"""Pulls below so many sigma stay pale."""
WIDEST_RATIO = 1.0
"""Ratios beyond 0 and 2 have the colours of these."""


def map_figure(
    here: InRun,
    row: int,
    other: Compared | None,
    part: str,
    look: Look = Look(),  # noqa: B008  never changes
) -> Figure:
    """One of PARTS of the histogram in ``row``; its reference is scaled to the same total, or to the same exposure.

    Cells are merged where there are more than a plot shows, and then compared.
    """
    reference = reference_of(here.compared, row, other, look.norm)
    expected = deviation_at(here.compared, row, other, look.norm).expected[0]
    (values, edges_x, edges_y), (wanted, _, _), (held, _, _) = (
        _merged(here, flat) for flat in (here.comparable[row], expected, reference)
    )
    if part == "pulls":
        z, colours = _difference(here, values, wanted, held, look.below)
    else:
        z, colours = _content(here, row, values if part == "counts" else wanted, look)
    shown = "10^%{z:.2f}" if look.log and part != "pulls" else "%{z:.4g}"
    trace = {
        "type": "heatmap", "x": packed(edges_x), "y": packed(edges_y), "z": packed(z.astype("<f4")),
        "hoverongaps": False, "hovertemplate": f"%{{x:.4g}}, %{{y:.4g}}: {shown}<extra></extra>",
    }  # fmt: skip
    return figure(trace | colours, xaxis=axis(x_words(here.element)), yaxis=axis(y_words(here.element)))


def _merged(here: InRun, flat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The cells inside, (y, x), as many as a plot shows, with their edges."""
    inside = here.shaped(flat)[1:-1, 1:-1]
    across, edges_x = merged(inside, here.edges[0], MOST_ACROSS, here.means)
    up, edges_y = merged(across.T, here.edges[1], MOST_UP, here.means)
    return up.T, edges_x, edges_y


def _content(here: InRun, row: int, values: np.ndarray, look: Look) -> tuple[np.ndarray, dict[str, Any]]:
    """Counts as they are unless they are divided by an exposure: a fraction of all entries has no meaning in a cell."""
    norm = "raw" if look.norm == "area" else look.norm
    exposure = {name: one[row : row + 1] for name, one in here.compared.exposure.items()}
    values = values / divisors(norm, np.ones(1), exposure, here.means)[0]
    z = logarithm(values) if look.log else values
    words = content_words(here.element, norm, per_width=False).replace("per bin", "per cell")
    return z, {"colorscale": CIVIDIS, "colorbar": colour_bar(words, z, look.log)}


def _difference(
    here: InRun, values: np.ndarray, expected: np.ndarray, reference: np.ndarray, below: str
) -> tuple[np.ndarray, dict[str, Any]]:
    """Colours are centred on no difference. Of means the errors are not known: they have no pulls."""
    if below == "ratio":
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(expected > 0, values / expected, np.nan)
        return z, _diverging("ratio", z, 1.0, WIDEST_RATIO)
    if below == "difference" or here.means:
        z = values - expected
        return z, _diverging("difference", z, 0.0, float(np.nanmax(np.abs(z), initial=0)) or 1.0)
    scale = _scale(expected, reference)
    flat = against.of_counts(values.reshape(1, -1), reference.ravel(), scale)
    z = flat.pulls.reshape(values.shape)
    return z, _diverging("pull (σ)", z, 0.0, max(float(np.nanmax(np.abs(z), initial=0)), LEAST_PULL))


def _scale(expected: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """What the reference was multiplied by, (1,): the same for every cell."""
    total = np.nansum(reference)
    return np.array([np.nansum(expected) / total if total > 0 else np.nan])


def _diverging(words: str, z: np.ndarray, centre: float, reach: float) -> dict[str, Any]:
    bar = colour_bar(words, z, log=False)
    return {"colorscale": PULLS, "zmin": centre - reach, "zmax": centre + reach, "colorbar": bar}
