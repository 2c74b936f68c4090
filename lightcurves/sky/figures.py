"""Where sources lie, as a big plot: their density on the sky, or each of them around the centre of a cone."""

from collections.abc import Sequence
from html import escape
from math import ceil, cos, hypot, radians, sin
from typing import NamedTuple

import numpy as np

from lightcurves.sky.density import Box, Density
from lightcurves.sky.geometry import ARCSEC, Cone
from project.figures import BANDS, CIVIDIS, Figure, axis, figure, packed

WIDE, COARSE, FINE = 0.1, 3, 6
"""Cells wider than so many degrees are named with fewer decimals."""
NARROW = 60
"""Degrees of RA below which both axes have one scale; no flat picture of a wider sky has one."""
MOST_SQUEEZED = 0.1
"""Of the cosine of a declination: nearer to the poles a degree of RA is drawn no narrower."""
TICKS, MOST_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60), 8
UNITS = ((1.0, "degrees", 1 / ARCSEC), (1 / 60, "arcmin", 1 / 60), (0.0, "arcsec", 1.0))
"""From which radius (degrees) on offsets are drawn in which unit, and how much of it an arcsecond is."""


class Place(NamedTuple):
    """A source in a cone: degrees, and ``separation`` from its centre in arcseconds."""

    id: int
    catalog: str
    name: str
    ra: float
    dec: float
    mag: float | None
    separation: float


def density_figure(density: Density) -> Figure:
    """Sources per square degree, RA increasing to the left; a click leads to the cone of that cell."""
    counts = density.counts
    with np.errstate(divide="ignore"):
        shade = np.where(counts > 0, np.log10(density.per_square_degree), np.nan)
    ra, dec = (((edges[1:] + edges[:-1]) / 2) for edges in (density.ra_edges, density.dec_edges))
    at = "customdata" if _wraps(density) else "x"
    trace = {
        "type": "heatmap", "x": packed(np.round(ra, 5)), "y": packed(np.round(dec, 5)), "z": packed(shade),
        "colorscale": CIVIDIS, "colorbar": _colorbar(shade), "text": packed(counts), "hoverongaps": False,
        "hovertemplate": f"%{{text:,}} sources<br>RA %{{{at}:.3f}}° Dec %{{y:.3f}}°<extra></extra>",
    }  # fmt: skip
    if _wraps(density):
        digits = COARSE if ra[1] - ra[0] > WIDE else FINE
        trace["customdata"] = [np.round(ra % 360, digits).tolist()] * len(counts)
    ends = [float(edge) for edge in density.ra_edges[[-1, 0]]]
    x = axis("RA", "degrees", range=ends, **_ticks(density))
    stretch = 1 / max(cos(radians(float(dec.mean()))), MOST_SQUEEZED)
    y = axis("Dec", "degrees", range=[float(density.dec_edges[0]), float(density.dec_edges[-1])])
    if ends[0] - ends[1] < NARROW:
        y |= {"scaleanchor": "x", "scaleratio": stretch, "constrain": "domain"}
    made = figure(trace, xaxis=x | {"constrain": "domain", "zeroline": False}, yaxis=y | {"zeroline": False})
    place = "{custom}" if _wraps(density) else "{x}"
    return made | {"click": f"?cone={place}+{{y}}+{_reach(density)}d"}


def _wraps(density: Density) -> bool:
    """Whether RA runs past 360 on the axis."""
    return bool(density.ra_edges[-1] > 360)


def _colorbar(shade: np.ndarray) -> dict[str, object]:
    known = shade[np.isfinite(shade)]
    powers = range(int(np.floor(known.min())), int(known.max()) + 2) if len(known) else range(2)
    return {"title": {"text": "sources per square degree", "side": "right"}, "thickness": 12, "tickvals": list(powers),
            "ticktext": [f"{10.0**power:,g}" for power in powers]}  # fmt: skip


def _ticks(density: Density) -> dict[str, object]:
    """Where the box lies across RA 0 its axis runs past 360, which no one would read."""
    low, high = float(density.ra_edges[0]), float(density.ra_edges[-1])
    if not _wraps(density):
        return {}
    step = next(step for step in TICKS if (high - low) / step <= MOST_TICKS)
    ticks = np.arange(ceil(low / step) * step, high, step)
    return {"tickvals": ticks.tolist(), "ticktext": [f"{tick % 360:g}" for tick in ticks]}


def _reach(density: Density) -> str:
    """Degrees from the centre of a cell to its corners, of the widest row."""
    wide = float(np.diff(density.ra_edges[:2])[0]) * cos(radians(float(np.abs(density.dec_edges).min())))
    return f"{hypot(wide, float(np.diff(density.dec_edges[:2])[0])) / 2 * 1.001:.4g}"


def box_of(cone: Cone) -> Box:
    """The box around a cone."""
    south, north = cone.dec_range
    ranges = cone.ra_ranges
    if not ranges:
        return 0.0, 360.0, south, north
    return (*ranges[0], south, north) if len(ranges) == 1 else (ranges[1][0], ranges[0][1], south, north)


def finder_figure(places: Sequence[Place], cone: Cone, source_url: str) -> Figure:
    """Each source at its distance and direction from the centre: north up, east to the left, the brighter the larger.

    ``source_url`` is the address of a source with ``{custom}`` for its id.
    """
    unit, scale = next((name, scale) for least, name, scale in UNITS if cone.radius >= least)
    catalogs = sorted({place.catalog for place in places})
    traces = [
        _catalog(catalog, [place for place in places if place.catalog == catalog], cone, scale) | {
            "marker": _marker(number, [place.mag for place in places if place.catalog == catalog])}
        for number, catalog in enumerate(catalogs)
    ]  # fmt: skip
    radius = cone.radius * ARCSEC * scale
    edge = {"type": "circle", "x0": -radius, "x1": radius, "y0": -radius, "y1": radius,
            "line": {"color": "--quiet", "width": 1, "dash": "dot"}}  # fmt: skip
    centre = {"type": "scatter", "mode": "markers", "x": [0], "y": [0], "hoverinfo": "skip", "showlegend": False,
              "marker": {"symbol": "cross-thin", "size": 14, "line": {"color": "--ink", "width": 1}}}  # fmt: skip
    side = radius * 1.08
    x = axis("east", unit, range=[side, -side], constrain="domain", zeroline=False)
    y = axis("north", unit, range=[-side, side], scaleanchor="x", constrain="domain", zeroline=False)
    made = figure(centre, *traces, xaxis=x, yaxis=y, shapes=[edge], showlegend=len(catalogs) > 1)
    return made | {"click": source_url}


def _catalog(name: str, places: Sequence[Place], cone: Cone, scale: float) -> dict[str, object]:
    offsets = np.array([_offset(place, cone) for place in places]) * scale
    return {
        "type": "scatter", "mode": "markers", "name": escape(name), "text": [_said(place) for place in places],
        "x": packed(offsets[:, 0]), "y": packed(offsets[:, 1]), "customdata": [place.id for place in places],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _said(place: Place) -> str:
    bright = "" if place.mag is None else f", {place.mag:g} mag"
    return f"{escape(place.name)}<br>{place.separation:.3f}″{bright}"


def _offset(place: Place, cone: Cone) -> tuple[float, float]:
    """Arcseconds to the east and to the north: the distance is true at every radius."""
    across, south, north = radians(place.ra - cone.ra), radians(cone.dec), radians(place.dec)
    east = cos(north) * sin(across)
    up = cos(south) * sin(north) - sin(south) * cos(north) * cos(across)
    length = hypot(east, up) or 1.0
    return place.separation * east / length, place.separation * up / length


def _marker(number: int, mags: Sequence[float | None]) -> dict[str, object]:
    known = [mag for mag in mags if mag is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    sizes = [7.0 if mag is None else 12 - 7 * (mag - low) / ((high - low) or 1) for mag in mags]
    symbol = ("circle", "square", "diamond")[number % 3]
    return {"color": BANDS[number % len(BANDS)], "size": [round(size, 1) for size in sizes], "symbol": symbol}
