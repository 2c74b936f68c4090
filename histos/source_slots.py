"""The distributions of a source's light curves, on its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from histos.models import LightCurveHistogram
from histos.small_plots import small_histogram
from lightcurves.models import Source
from project.slots import fill

MOST_CURVES = 24
WHAT = {LightCurveHistogram.Kind.VALUE: "values", LightCurveHistogram.Kind.TIME_STEP: "steps in time"}


def fill_source_pages() -> None:
    """Called once, when the app is ready."""
    fill("source.histograms", of_light_curves)


def of_light_curves(
    request: HttpRequest, source: Source, curves: Sequence[Mapping[str, Any]] = (), **about: Any
) -> SafeString:
    """Values and time steps of the first light curves that the page shows; nothing where none is counted yet."""
    named = {curve["id"]: curve for curve in curves[:MOST_CURVES]}
    rows = LightCurveHistogram.objects.filter(light_curve__in=list(named)).order_by("kind")
    made: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        made.setdefault(row.light_curve_id, []).append(_shown(row, named[row.light_curve_id]))
    found = [(curve, made[pk]) for pk, curve in named.items() if pk in made]
    context = {
        "curves": found,
        "missing": len(named) - len(found),
        "more": len(curves) > MOST_CURVES,
        "source": source,
    }
    return (
        SafeString(render_to_string("histos/on_source.html", context, request)) if named else SafeString("")
    )


def _shown(row: LightCurveHistogram, curve: Mapping[str, Any]) -> dict[str, Any]:
    what, unit = WHAT[LightCurveHistogram.Kind(row.kind)], curve["unit"]
    steps = row.kind == LightCurveHistogram.Kind.TIME_STEP
    low, high = (10.0 ** row.edges[[0, -1]] if steps else row.edges[[0, -1]]).tolist()
    return {
        "what": what, "low": low, "high": high, "unit": "d" if steps else unit, "logarithmic": steps,
        "svg": small_histogram(row.counts, row.edges, label=f"{curve['band']} {what}"),
    }  # fmt: skip
