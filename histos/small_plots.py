"""Small pictures of histograms: SVG made by the server, at most 3 kB each. No script, no inline style."""

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from histos.querysets import edges_of

if TYPE_CHECKING:
    from histos.models import MonitoringElement

WIDTH, HEIGHT = 160, 60
FLOW = 6
"""Width kept free at each end for the flow bins, which stand apart."""
BARS, MOST_MARKS = 60, 12
"""A histogram of more bins has neighbouring ones merged."""
ROWS, COLUMNS, LEVELS = 16, 24, 7
LONGEST = 200
"""Characters of a label; a hostile name must not make the page long."""


class _Bars:
    """Where the bars over ``edges`` stand: at most BARS of them, neighbouring bins merged."""

    def __init__(self, edges: np.ndarray, means: bool) -> None:
        self.bins, self.means = len(edges) - 1, means
        self.starts = np.arange(0, self.bins, -(-self.bins // BARS))
        ends = np.append(self.starts, self.bins)
        merged, self.merged = edges[ends], np.diff(ends)
        widths = np.diff(merged) / self.merged
        # Of bins of one width, up to what rounding does to it, the counts are shown as they are.
        self.widths = widths / widths.mean() if np.ptp(widths) > 1e-6 * widths.mean() else np.ones(1)
        self.x = FLOW + 2 + (WIDTH - 2 * FLOW - 4) * (merged - merged[0]) / ((merged[-1] - merged[0]) or 1)
        self._outline = "".join(f"V%.1fH{x:.0f}" for x in self.x[1:].tolist())

    def flow_of(self, counts: np.ndarray) -> int:
        """1 where ``counts`` holds the flow bins, else 0."""
        if len(counts) not in (self.bins, self.bins + 2):
            raise ValueError(f"{len(counts)} counts for {self.bins} bins")
        return (len(counts) - self.bins) // 2

    def heights(self, counts: np.ndarray) -> np.ndarray:
        flow = self.flow_of(counts)
        sums = np.add.reduceat(counts[flow : flow + self.bins], self.starts)
        return np.asarray(sums / (self.merged if self.means else self.widths))

    def steps(self, heights: np.ndarray) -> str:
        """The outline from left to right, ``heights`` already in the picture's own units."""
        return f"M{self.x[0]:.0f} {heights[0]:.1f}" + self._outline % tuple(heights.tolist())

    def marks(self, bins: Collection[int], flow: int) -> list[float]:
        """Middles of the bars that hold these bins; those of flow bins stand at the ends."""
        middles = (self.x[1:] + self.x[:-1]) / 2
        places = []
        for one in list(bins)[:MOST_MARKS]:
            at = one - flow
            if at < 0 or at >= self.bins:
                places.append(FLOW / 2 if at < 0 else WIDTH - FLOW / 2)
            else:
                places.append(float(middles[np.searchsorted(self.starts, at, side="right") - 1]))
        return sorted(set(places))


@lru_cache(maxsize=128)
def _bars(edges: bytes, means: bool) -> _Bars:
    """A page draws many histograms over the same few axes."""
    return _Bars(np.frombuffer(edges), means)


def small_histogram(
    counts: np.ndarray,
    edges: np.ndarray,
    reference: np.ndarray | None = None,
    marked_bins: Collection[int] = (),
    *,
    label: str = "",
    means: bool = False,
) -> SafeString:
    """``counts`` over ``edges`` (bins + 1), with a flow bin at either end or without; per width where bins differ.

    ``reference``, of the same length, is drawn as a line, scaled to the same total unless these are ``means`` of a
    profile. ``marked_bins`` are places in ``counts``; they get a triangle. Raises ValueError where lengths do not fit.
    """
    counts, bars = _finite(counts), _bars(np.asarray(edges, float).tobytes(), means)
    flow = bars.flow_of(counts)
    heights = bars.heights(counts)
    line = None if reference is None else bars.heights(_scaled(_finite(reference), counts, means))
    ends = counts[[0, -1]] if flow and not means else np.zeros(2)
    y = _upwards(np.concatenate([heights, ends, heights if line is None else line]))
    base = y(np.zeros(1))[0]
    paths = [f'<path class="bars" d="{bars.steps(y(heights))}V{base:.1f}H{bars.x[0]:.0f}z"/>']
    if ends.any():
        left, right = y(ends)
        corner = WIDTH - FLOW
        outline = (
            f"M0 {base:.1f}V{left:.1f}h{FLOW}V{base:.1f}zM{corner} {base:.1f}V{right:.1f}h{FLOW}V{base:.1f}z"
        )
        paths.append(f'<path class="flow" d="{outline}"/>')
    if line is not None:
        paths.append(f'<path class="over" d="{bars.steps(y(line))}"/>')
    if places := bars.marks(marked_bins, flow):
        paths.append(f'<path class="marked" d="{"".join(f"M{x - 3:.1f} 0h6l-3 6z" for x in places)}"/>')
    return _svg("small-histogram", f"0 0 {WIDTH} {HEIGHT}", label or f"sum {counts.sum():,.6g}", paths)


def _finite(values: np.ndarray) -> np.ndarray:
    known = np.asarray(values, float)
    return known if np.isfinite(known).all() else np.nan_to_num(known, posinf=0, neginf=0)


def _scaled(reference: np.ndarray, counts: np.ndarray, means: bool) -> np.ndarray:
    total = reference.sum()
    return reference if means or not total else reference * (counts.sum() / total)


def _upwards(values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """From a value to its place in the picture; the scale takes in zero and all of ``values``."""
    low, high = min(0.0, values.min()), max(0.0, values.max())
    scale = (HEIGHT - 8) / ((high - low) or 1)
    return lambda some: np.asarray(HEIGHT - 1 - (some - low) * scale)


def small_map(counts: np.ndarray, label: str = "") -> SafeString:
    """``counts`` (y, x), lowest row at the bottom, in shades of cividis; cells are averaged over to at most 16 × 24."""
    counts = _finite(counts)
    means = _averaged(_averaged(counts, ROWS, 0), COLUMNS, 1)
    top = float(np.quantile(means, 0.99)) or float(means.max()) or 1.0
    shades = np.clip(np.ceil(means / top * LEVELS), 0, LEVELS).astype(int)[::-1]
    paths = [f'<path class="m{shade}" d="{_runs(shades == shade)}"/>' for shade in np.unique(shades) if shade]
    rows, columns = shades.shape
    ground = f'<path class="m0" d="M0-1h{columns}v{rows + 1}H0z"/>'
    return _svg("small-map", f"0 -.5 {columns} {rows}", label or f"sum {counts.sum():,.6g}", [ground, *paths])


def _averaged(values: np.ndarray, most: int, axis: int) -> np.ndarray:
    """Neighbouring values along an axis averaged to at most ``most``."""
    size = values.shape[axis]
    starts = np.unique(np.arange(most) * size // most)
    cells = np.diff(np.append(starts, size))
    return np.add.reduceat(values, starts, axis) / (cells[:, None] if axis == 0 else cells)


def _runs(mask: np.ndarray) -> str:
    """Lines through the middle of the cells that are set, one for each unbroken run of a row."""
    framed = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    framed[:, 1:-1] = mask
    steps = framed[:, 1:] - framed[:, :-1]
    rows, starts = np.nonzero(steps == 1)
    lengths = np.nonzero(steps == -1)[1] - starts
    runs = zip(starts.tolist(), rows.tolist(), lengths.tolist(), strict=True)
    return "".join(f"M{start} {row}h{length}" for start, row, length in runs)


def small_plot(
    element: "MonitoringElement",
    counts: np.ndarray,
    reference: np.ndarray | None = None,
    marked_bins: Collection[int] = (),
    label: str = "",
) -> SafeString:
    """The small picture of a stored histogram of ``element``: ``counts`` (cells,) as stored, flow bins included."""
    edges = edges_of(element)
    if len(edges) == 1:
        means = element.storage == element.Storage.MEAN
        return small_histogram(counts, edges[0], reference, marked_bins, label=label, means=means)
    inside = np.asarray(counts).reshape([len(edge) + 1 for edge in reversed(edges)])[1:-1, 1:-1]
    return small_map(inside, label)


def _svg(css: str, box: str, label: str, paths: list[str]) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="{}" preserveAspectRatio="none" role="img"><title>{}</title>{}</svg>',
        css, box, label[:LONGEST], mark_safe("".join(paths)),  # noqa: S308  numbers and names of ours
    )  # fmt: skip
