"""Trends over a run: a moment or a bin, entries, deviation from the reference, occupancy, and the score of a trial."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from histos.figures.binning import MOST_COLUMNS
from histos.figures.norms import divisors
from histos.figures.words import plain
from histos.looking.in_run import InRun
from histos.marks import Marks
from histos.moments import moment
from project.figures import axis, packed

LOG: dict[str, Any] = {"type": "log", "dtick": 1, "exponentformat": "power"}
MARKED = 250
"""Points that a plot over a run has room to mark: of more the marks overlap, and drawing them takes longest of all."""
WIDE = 8.0
"""χ²/ndf above this needs a logarithmic axis."""


@dataclass(frozen=True)
class Trend:
    """A number per lumisection: ``numbers``, ``values`` and their ``errors``, (n,); ``level``: a line to compare."""

    name: str
    numbers: np.ndarray
    values: np.ndarray
    axis: dict[str, Any]
    errors: np.ndarray = field(default_factory=lambda: np.empty(0))
    level: float | None = None
    colour: str = "--c0"

    def traces(self, here: InRun, place: str) -> list[dict[str, Any]]:
        numbers, values, errors = self._thinned(here.merge)
        mode = "lines" if len(numbers) > MARKED else "lines+markers"
        trace: dict[str, Any] = {
            "type": "scatter", "mode": mode, "x": packed(numbers), "y": packed(values.astype("<f4")), "yaxis": place,
            "name": self.name, "line": {"width": 1, "color": self.colour},
            "marker": {"size": 4}, "connectgaps": False,
            "hovertemplate": f"LS %{{x}}: %{{y:.5g}}<extra>{self.name}</extra>",
        }  # fmt: skip
        if len(errors):
            bars = {"array": packed(errors.astype("<f4")), "width": 0, "thickness": 1}
            trace["error_y"] = {"type": "data", **bars, "color": "--quiet"}
        traces = [trace]
        if mode == "lines" and (lone := alone(values)).any():
            dots = {"x": packed(numbers[lone]), "y": packed(values[lone].astype("<f4")), "mode": "markers"}
            traces.append({**trace, **dots, "marker": {"size": 4, "color": self.colour}, "error_y": {}})
        if self.level is None or not len(numbers):
            return traces
        ends = {"x": [int(here.listed[0]), int(here.listed[-1])], "y": [self.level, self.level]}
        line = {"color": "--quiet", "dash": "dash", "width": 1}
        level = {"type": "scatter", "mode": "lines", "line": line, "hoverinfo": "skip"}
        return [*traces, {**level, **ends, "yaxis": place}]

    def _thinned(self, merge: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A point per lumisection, a gap where some have none; of long runs the extremes of every stretch."""
        numbers, values, errors = self.numbers, self.values, self.errors
        if len(numbers) > MOST_COLUMNS:
            kept = extremes(values, MOST_COLUMNS // 2)
            numbers, values, errors = numbers[kept], values[kept], errors[kept] if len(errors) else errors
            return numbers, values, errors
        gaps = np.flatnonzero(np.diff(numbers) > merge) + 1
        numbers = np.insert(numbers, gaps, numbers[gaps - 1] + merge)
        return (
            numbers,
            np.insert(values, gaps, np.nan),
            np.insert(errors, gaps, np.nan) if len(errors) else errors,
        )


def alone(values: np.ndarray) -> np.ndarray:
    """Which known values (n,) have no known neighbour: no line would show them."""
    known = np.pad(np.isfinite(values), 1)
    return np.asarray(known[1:-1] & ~known[:-2] & ~known[2:])


def extremes(values: np.ndarray, pieces: int) -> np.ndarray:
    """Places of the lowest and the highest value in each of ``pieces`` stretches, in order."""
    places: set[int] = set()
    for piece in np.array_split(np.arange(len(values)), pieces):
        known = piece[np.isfinite(values[piece])]
        if len(known):
            places |= {int(known[values[known].argmin()]), int(known[values[known].argmax()])}
    return np.array(sorted(places), int)


@dataclass(frozen=True)
class Wanted:
    """Which trend is drawn first: a moment of histos.moments.NAMES, or the content of ``bin``; counts over ``norm``."""

    moment: str = "mean"
    bin: int | None = None
    norm: str = "area"
    log: bool = False


def trends_of(here: InRun, reduced: np.ndarray, wanted: Wanted) -> list[Trend]:
    """What changes along the run, besides the shape itself."""
    counts: dict[str, Any] = LOG if wanted.log else {"rangemode": "tozero", "nticks": 4}
    entries = Trend("entries", here.numbers, _positive(here.entries, wanted.log), axis("entries", **counts))
    wide = bool(np.nanmax(reduced, initial=0) > WIDE)
    scale: dict[str, Any] = LOG if wide else {"nticks": 4}
    shown = _positive(reduced, wide)
    pulls = Trend("χ²/ndf", here.read, shown, axis("χ²/ndf", **scale), level=1.0, colour="--c1")
    return [first_trend(here, wanted), entries, pulls]


def first_trend(here: InRun, wanted: Wanted) -> Trend:
    """What is asked; where this element has no such thing, what it has."""
    if len(here.edges) != 1:
        return _occupancy(here)
    if has_bin(here, wanted.bin):
        return _bin(here, wanted.bin or 0, wanted.norm)
    return _means(here) if here.means else _moment(here, wanted.moment)


def has_bin(here: InRun, bin: int | None) -> bool:
    return bin is not None and len(here.edges) == 1 and bin <= len(here.edges[0])


def not_drawn(here: InRun, wanted: Wanted) -> str:
    """Why another trend is drawn than was asked; empty where it is the one."""
    if wanted.bin is not None and not has_bin(here, wanted.bin):
        return f"there is no bin {wanted.bin} whose trend could be drawn"
    if wanted.bin is None and wanted.moment != "mean" and (here.means or len(here.edges) != 1):
        return f"a {'profile' if here.means else 'map'} has no {wanted.moment}"
    return ""


def _positive(values: np.ndarray, log: bool) -> np.ndarray:
    """What a logarithmic axis cannot show is a gap."""
    return np.where(values > 0, values, np.nan) if log else values


def _moment(here: InRun, name: str) -> Trend:
    values, errors = moment(name, here.comparable, here.edges[0])
    return Trend(name, here.read, values, axis(name, nticks=4), errors=errors)


def _means(here: InRun) -> Trend:
    inside = here.counts[:, 1:-1]
    known = np.isfinite(inside)
    n = known.sum(axis=1)
    values = np.where(n > 0, np.where(known, inside, 0).sum(axis=1) / np.maximum(n, 1), np.nan)
    return Trend("mean over the bins", here.read, values, axis("mean over bins", nticks=4))


def _bin(here: InRun, bin: int, norm: str) -> Trend:
    """The content of one bin, with its counting error; divided as the heat map is."""
    divisor = divisors(norm, here.comparable.sum(axis=1), here.compared.exposure, here.means)
    values = here.comparable[:, bin]
    errors = np.empty(0) if here.means else np.sqrt(np.maximum(values, 0)) / divisor
    name = f"bin {bin}"
    return Trend(name, here.read, values / divisor, axis(name, nticks=4), errors=errors)


def _occupancy(here: InRun) -> Trend:
    """Share of the cells, flow bins left out, that hold anything."""
    shape = [len(edges) + 1 for edges in reversed(here.edges)]
    inside = here.counts.reshape(-1, *shape)[(slice(None), *(slice(1, -1) for _ in shape))]
    filled = (inside != 0) & np.isfinite(inside)
    share = filled.reshape(len(inside), -1).mean(axis=1)
    return Trend("occupancy", here.read, share, axis("occupied cells", tickformat=".0%", nticks=5))


def score_trend(marks: Marks) -> Trend:
    numbers = np.array(sorted(marks.scores), int)
    values = np.array([marks.scores[number] for number in numbers.tolist()], float)
    return Trend(
        plain(marks.name), numbers, values, axis("score", nticks=4), level=marks.threshold, colour="--c3"
    )


def flags(marks: Marks, place: str) -> dict[str, Any]:
    """Triangles at the flagged lumisections: at their scores, or at the foot where scores are not shown."""
    numbers = sorted(marks.flagged)
    return {
        "type": "scatter", "mode": "markers", "x": numbers, "y": [marks.scores.get(number, 1.0) for number in numbers],
        "yaxis": place, "name": "flagged", "cliponaxis": False,
        "marker": {"symbol": "triangle-up", "size": 11, "color": "--bad", "line": {"color": "--ink", "width": 1}},
        "hovertemplate": "LS %{x} is flagged<extra></extra>",
    }  # fmt: skip
