"""Small pictures of light curves: SVG made by the server, at most 3 kB each. No script, no inline style."""

from collections.abc import Sequence

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 240, 72
EDGE = 3
COLUMNS = 96
"""A light curve of more points is drawn as the range of values in so many equal spans of time."""
MOST_ERRORS, MOST_MARKS = 48, 12
NARROWEST = 3
"""Width of a mark; one of a moment could not be seen."""
LONGEST = 200
"""Characters of a label; a hostile name must not make the page long."""

Span = tuple[float, float]


def small_light_curve(
    time: np.ndarray,
    value: np.ndarray,
    error: np.ndarray | None = None,
    marked: Sequence[Span] = (),
    inverted: bool = False,
    *,
    label: str = "",
) -> SafeString:
    """``value`` (n,) over ``time`` (n,), MJD; what is not finite is left out, nothing where nothing is left.

    ``error`` (n,), one standard deviation, is drawn where there are few points. ``marked`` are times (start, end) that
    get a band and a triangle. ``inverted``: magnitudes, the small ones up.
    """
    time, value = np.asarray(time, float), np.asarray(value, float)
    known = np.isfinite(time) & np.isfinite(value)
    time, value = time[known], value[known]
    if not len(time):
        return SafeString("")
    few = error is not None and len(time) <= MOST_ERRORS
    half = np.nan_to_num(np.asarray(error, float)[known], posinf=0) if few else np.zeros(len(time))
    paths = _paths(time, value, half, marked, inverted)
    text = label[:LONGEST] or f"{len(time):,} points, {value.min():.4g} to {value.max():.4g}"
    return format_html(
        '<svg class="small-light-curve" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img">'
        "<title>{}</title>{}</svg>",
        WIDTH, HEIGHT, text, mark_safe("".join(paths)),  # noqa: S308  numbers and names of ours
    )  # fmt: skip


def _paths(
    time: np.ndarray, value: np.ndarray, half: np.ndarray, marked: Sequence[Span], inverted: bool
) -> list[str]:
    """What lies behind first: marks, errors (``half`` of their length), points."""
    x, y = _across(time, time.min(), time.max()), _Upwards(value, half, inverted)
    paths = [_marks(marked, time.min(), time.max())] if marked else []
    if half.any():
        paths.append(f'<path class="errors" d="{_errors(x, y(value - half), y(value + half))}"/>')
    return [*paths, f'<path class="points" d="{_points(x, y(value))}"/>']


def _across(time: np.ndarray, first: float, last: float) -> np.ndarray:
    if first == last:
        return np.where(time < first, EDGE, np.where(time > first, WIDTH - EDGE, WIDTH / 2))
    return np.asarray(EDGE + (WIDTH - 2 * EDGE) * np.clip((time - first) / (last - first), 0, 1))


class _Upwards:
    """From a value to its place in the picture, which takes in every value and its error."""

    def __init__(self, value: np.ndarray, half: np.ndarray, inverted: bool) -> None:
        self.low, self.high = float((value - half).min()), float((value + half).max())
        self.inverted = inverted

    def __call__(self, some: np.ndarray) -> np.ndarray:
        if self.high == self.low:
            return np.full(len(some), HEIGHT / 2)
        share = (some - self.low) / (self.high - self.low)
        return np.asarray(EDGE + (HEIGHT - 2 * EDGE) * (share if self.inverted else 1 - share))


def _points(x: np.ndarray, y: np.ndarray) -> str:
    """Every point where they are few, else a line over the values in each column that holds any."""
    if len(x) <= COLUMNS:
        return "".join(f"M{a:.0f} {b:.0f}h.1" for a, b in zip(x, y, strict=True))
    column = np.minimum((x - EDGE) / (WIDTH - 2 * EDGE) * COLUMNS, COLUMNS - 1).astype(int)
    steps = []
    for one in np.unique(column):
        inside = y[column == one]
        steps.append(f"M{x[column == one].mean():.0f} {inside.min():.0f}V{inside.max() + 0.1:.1f}")
    return "".join(steps)


def _errors(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    return "".join(f"M{a:.0f} {b:.0f}V{c:.0f}" for a, b, c in zip(x, low, high, strict=True))


def _marks(marked: Sequence[Span], first: float, last: float) -> str:
    spans = np.asarray(marked, float).reshape(-1, 2)[:MOST_MARKS]
    left, right = _across(spans[:, 0], first, last), _across(spans[:, 1], first, last)
    bands, signs = [], []
    for start, end in zip(left, np.maximum(right, left + NARROWEST), strict=True):
        bands.append(f"M{start:.0f} 0h{end - start:.0f}v{HEIGHT}H{start:.0f}z")
        signs.append(f"M{(start + end) / 2 - 3:.0f} 0h6l-3 5z")
    return f'<path class="band" d="{"".join(bands)}"/><path class="marked" d="{"".join(signs)}"/>'
