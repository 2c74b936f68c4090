"""A vector as the admin pages show it: how long, from where to where, and its shape."""

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString


def vector_summary(vector: np.ndarray | None) -> SafeString | str:
    """Length and range of a vector, with its shape as a small plot."""
    if vector is None or not len(vector):
        return "empty"
    finite = vector[np.isfinite(vector)]
    if not len(finite):
        return f"{len(vector):,} values, none finite"
    words = f"{len(vector):,} values, {finite.min():.6g} to {finite.max():.6g}"
    if len(finite) < len(vector):
        words += f", {len(vector) - len(finite):,} not finite"
    return format_html("{} {}", sparkline(finite), words)


def sparkline(values: np.ndarray, width: int = 160, height: int = 24) -> SafeString:
    """The vector as steps from its lowest value (or 0) to its highest, at most one step per unit of width."""
    stride = max(1, -(-len(values) // width))
    heights = np.maximum.reduceat(values.astype(float), np.arange(0, len(values), stride))
    low, high = min(0.0, heights.min()), heights.max()
    places = height * (1 - (heights - low) / ((high - low) or 1))
    across = width / len(heights)
    path = "".join(f"V{place:.1f}h{across:.2f}" for place in places)
    return format_html(
        '<svg viewBox="0 -1 {} {}" width="{}" height="{}" aria-hidden="true">'
        '<path d="M0 {}{}" fill="none" stroke="currentColor"/></svg>',
        width, height + 2, width, height, height, path,
    )  # fmt: skip
