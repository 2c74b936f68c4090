"""What stands below a histogram: its pulls, its ratio to the reference, or the difference."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from histos import reference as against
from histos.figures.drawn import One, signs, single
from project.figures import axis, packed

CLOSE = 0.05
"""A ratio is drawn at least so far from 1."""


@dataclass(frozen=True)
class Below:
    """``values`` (cells,) about ``level``; with ``errors`` they are drawn as points, without as bars."""

    name: str
    values: np.ndarray
    edges: np.ndarray
    axis: dict[str, Any]
    hover: str
    level: float = 0.0
    errors: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def points(self) -> bool:
        return len(self.errors) > 0

    def traces(self) -> list[dict[str, Any]]:
        centres, inside = (self.edges[1:] + self.edges[:-1]) / 2, self.values[1:-1]
        same = {
            "x": packed(centres), "y": packed(single(inside)), "yaxis": "y2", "showlegend": False, "name": self.name,
            "hovertemplate": f"%{{x:.4g}}: {self.hover}",
        }  # fmt: skip
        if not self.points:
            widths = packed(single(np.diff(self.edges)))
            return [{"type": "bar", **same, "width": widths, "marker": {"color": signs(inside - self.level)}}]
        bars = {"array": packed(single(self.errors[1:-1])), "width": 0, "thickness": 1, "color": "--quiet"}
        ends = {"x": [float(self.edges[0]), float(self.edges[-1])], "y": [self.level, self.level]}
        line = {"color": "--quiet", "dash": "dash", "width": 1}
        return [
            {"type": "scatter", "mode": "lines", **ends, "yaxis": "y2", "line": line, "hoverinfo": "skip",
             "showlegend": False},
            {"type": "scatter", "mode": "markers", **same, "error_y": {"type": "data", **bars},
             "marker": {"size": 4, "color": "--c0"}},
        ]  # fmt: skip


def below_of(asked: str, one: One, counts: np.ndarray, reference: np.ndarray, means: bool) -> Below:
    """``counts`` and ``reference`` (cells,) are what was compared, before any normalisation."""
    if asked == "ratio":
        return _ratio(one, counts, reference, means)
    if asked == "difference":
        found = one.values - one.expected
        return Below("difference", found, one.edges, axis("difference", zeroline=True), "%{y:.4g}")
    return Below("pull", one.pulls, one.edges, axis("pull (σ)", zeroline=True), "%{y:.2f} σ")


def _ratio(one: One, counts: np.ndarray, reference: np.ndarray, means: bool) -> Below:
    """Of means only the ratio: their errors are not known."""
    if means:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(reference != 0, counts / reference, np.nan)
        errors = np.zeros(len(values))
    else:
        values, errors = against.ratio(counts, reference, one.counted)
    return Below(
        "ratio", values, one.edges, axis("ratio", range=_range(values, errors)), "%{y:.4g}", 1.0, errors
    )


def _range(values: np.ndarray, errors: np.ndarray) -> list[float]:
    """Symmetric about 1 and wide enough for nine in ten of the well-known ratios: a lone entry must not flatten all."""
    known = np.isfinite(values) & np.isfinite(errors)
    sure = known & (errors < 0.5)
    away = np.abs(values[sure if sure.any() else known] - 1)
    reach = float(np.quantile(away, 0.9)) * 2 if len(away) else CLOSE
    reach = min(max(reach, CLOSE), 1.5)
    return [max(1 - reach, 0.0), 1 + reach]
