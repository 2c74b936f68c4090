"""The heat map of lumisection × bin, its flow bins apart at the ends."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from histos.figures.binning import MOST_ROWS, Columns, averaged, columns_for, even, merged
from histos.figures.norms import divisors
from histos.figures.words import colour_bar, content_words, logarithm
from histos.looking.comparing import EXPOSURES
from histos.looking.in_run import InRun
from project.figures import CIVIDIS, packed

BESIDE_NAMES = 30
"""Pixels between the map and its colour bar where the names of the flow bins stand."""
FLOW_AXES = {"underflow": "y3", "overflow": "y2"}
SATURATED = 0.998
"""Colours end at this quantile, so that one hot bin does not darken all the rest."""


@dataclass(frozen=True)
class Heat:
    """``z`` (bins, columns) of what is drawn; ``flow`` (columns,) of under- and overflow, in the same unit, if any."""

    columns: Columns
    edges: np.ndarray
    z: np.ndarray
    flow: dict[str, np.ndarray]
    words: str
    log: bool

    def traces(self, domain: tuple[float, float]) -> list[dict[str, Any]]:
        """One trace, and one for each flow bin that is ever filled; their y axes are y, y2 and y3."""
        values = self.z[np.isfinite(self.z)]
        top = float(values.max()) if self.log and len(values) else _top(values)
        low = float(values.min()) if len(values) and (self.log or values.min() < 0) else 0.0
        centre, length = sum(domain) / 2, domain[1] - domain[0]
        bar = colour_bar(self.words, self.z, self.log, len=length, y=centre)
        if self.flow:
            bar["xpad"] = BESIDE_NAMES
        body = self._trace(self.z, zmin=low, zmax=top, colorbar=bar, name="")
        body |= {"y": packed(self.edges), "hovertemplate": f"LS %{{x}}<br>at %{{y:.4g}}: {self._shown}"}
        return [body] + [
            self._trace(
                row[None], zmin=low, zmax=top, showscale=False, yaxis=FLOW_AXES[name], y=[name], name=name
            )
            | {"hovertemplate": f"LS %{{x}}<br>{name}: {self._shown}"}
            for name, row in self.flow.items()
        ]

    @property
    def _shown(self) -> str:
        return "10^%{z:.2f}" if self.log else "%{z:.4g}"

    def _trace(self, z: np.ndarray, **more: Any) -> dict[str, Any]:
        return {
            "type": "heatmap", "x0": self.columns.first, "dx": self.columns.step, "z": packed(z.astype("<f4")),
            "colorscale": CIVIDIS, "hoverongaps": False, **more,
        }  # fmt: skip


def _top(values: np.ndarray) -> float:
    return float(np.quantile(values, SATURATED)) or float(values.max()) or 1.0 if len(values) else 1.0


def heat_of(here: InRun, norm: str, log: bool) -> Heat:
    """The heat map of a one-dimensional element; profiles show their means as they are."""
    inside, edges = merged(here.counts[:, 1:-1], here.edges[0], MOST_ROWS, here.means)
    columns = _columns(here, len(edges) + 1)
    cells = np.hstack([here.counts[:, :1], inside, here.counts[:, -1:]])
    table = _normalised(here, cells, columns, norm)
    per_width = not even(edges) and not here.means
    widths = np.diff(edges) if per_width else np.ones(1)
    body = table[:, 1:-1] / widths
    ends = zip(FLOW_AXES, table[:, [0, -1]].T / widths.mean(), strict=True)
    flow = {} if here.means else {name: row for name, row in ends if np.nansum(np.abs(row))}
    if log:
        body, flow = logarithm(body), {name: logarithm(row) for name, row in flow.items()}
    return Heat(columns, edges, body.T, flow, content_words(here.element, norm, per_width), log)


def _columns(here: InRun, rows: int) -> Columns:
    return columns_for(int(here.listed[0]), int(here.listed[-1]), rows, here.merge)


def _normalised(here: InRun, cells: np.ndarray, columns: Columns, norm: str) -> np.ndarray:
    """(columns, cells) of what is drawn. What is not known of one lumisection is left out of its column."""
    places = columns.of(here.read)
    if norm in EXPOSURES and not here.means:
        exposure = here.compared.exposure[norm]
        known = np.isfinite(exposure)
        table = averaged(cells[known], places[known], columns.n)
        return table / averaged(exposure[known][:, None], places[known], columns.n)
    table = averaged(cells, places, columns.n)
    return table / divisors(norm, np.nansum(table, axis=1), {}, here.means)[:, None]


def merging(here: InRun) -> list[str]:
    """What the heat map merges, in words; nothing where every bin and every lumisection is drawn."""
    bins = len(here.edges[0]) - 1
    rows = -(-bins // -(-bins // MOST_ROWS))
    step = _columns(here, rows + 2).step
    words = []
    if rows < bins:
        words.append(f"{-(-bins // MOST_ROWS)} neighbouring bins of {bins} are one row of the heat map")
    if step > here.merge:
        words.append(f"{step} lumisections are one column: their average; the trends keep the extremes")
    return words
