"""A small picture of each detection: what the detector saw, marked where it looks strange."""

from collections.abc import Mapping, Sequence

import numpy as np
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from detections.models import Detection
from detections.reasons.seen import Seen, SeenHistogram, SeenRow, SeenSeries
from detections.reasons.wording import bins_of
from histos.querysets import edges_of
from histos.small_plots import small_histogram, small_map
from lightcurves.drawing.small_plots import small_light_curve

WIDTH, ROW = 200, 16
MOST_ROWS = 8


def pictures(detections: Sequence[Detection], seen: Mapping[int, Seen]) -> dict[int, SafeString]:
    """By the id of the detection."""
    return {one.pk: picture(one, seen[one.pk]) for one in detections if one.pk in seen}


def picture(detection: Detection, what: Seen) -> SafeString:
    if isinstance(what, SeenHistogram):
        return _histogram(detection, what)
    if isinstance(what, SeenSeries):
        inverted = what.curve.unit == "mag"
        return small_light_curve(
            what.times, what.values, what.errors, span_of(detection), inverted, label=detection.key
        )
    return _row(detection, what)


def span_of(detection: Detection) -> list[tuple[float, float]]:
    """The time span that is flagged (MJD), if it is one."""
    start, end = detection.time_start, detection.time_end
    return [] if start is None or end is None else [(start, end)]


def _histogram(detection: Detection, what: SeenHistogram) -> SafeString:
    edges = edges_of(what.element)
    if len(edges) == 2:
        shape = len(edges[1]) + 1, len(edges[0]) + 1
        return small_map(what.counts.reshape(shape)[1:-1, 1:-1], label=detection.key)
    means = what.element.storage == what.element.Storage.MEAN
    return small_histogram(
        what.counts, edges[0], what.before, bins_of(detection, what.element), label=detection.key, means=means
    )


def _row(detection: Detection, what: SeenRow) -> SafeString:
    """The columns with their values; a bar for how far each is from the usual, where the detector said so."""
    reasons = (reason for reason in detection.reasons if "column" in reason and "pull" in reason)
    pulls = {reason["column"]: float(reason["pull"]) for reason in reasons}
    largest = max((abs(pull) for pull in pulls.values()), default=1.0) or 1.0
    rows = sorted(what.values.items(), key=lambda item: -abs(pulls.get(item[0], 0)))[:MOST_ROWS]
    marks = [
        _line(number * ROW, name, value, pulls.get(name, 0) / largest)
        for number, (name, value) in enumerate(rows)
    ]
    height = ROW * len(rows)
    title = f"<title>{escape(detection.key[:200])}</title>"
    axis = f'<path class="axis" d="M158 0V{height}"/>' if pulls else ""
    # Names are escaped, the rest are numbers.
    return mark_safe(  # noqa: S308
        f'<svg class="small-row" viewBox="0 0 {WIDTH} {height}" role="img">{title}{axis}{"".join(marks)}</svg>'
    )


def _line(y: int, name: str, value: float, length: float) -> str:
    """One column: its name, its value, and a bar of ``length`` (-1 to 1) to either side of the axis."""
    text = "–" if np.isnan(value) else f"{value:.5g}"
    x, wide = 158 + 33 * min(length, 0), 33 * abs(length)
    return (
        f'<text x="0" y="{y + 12}">{escape(name[:14])}</text>'
        f'<text x="116" y="{y + 12}" text-anchor="end">{text}</text>'
        f'<rect class="pull" x="{x:.1f}" y="{y + 3}" width="{wide:.1f}" height="10"/>'
    )
