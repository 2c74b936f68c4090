"""How strong each kind of fault must be to be seen, by detector: tables and plots from the results of a comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detections.comparison.reach import AT, WANTED, At, efficiency_at, reached
from project.plots import Axis, Line, Plot, style_of

SHOWN = 5
"""Detectors drawn where none is chosen: of more, bands hide each other."""
BASELINES = ("random", "constant")
SHARE = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
TICKS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, 30.0)
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One detector on one kind: efficiency ``at`` AT, and the strength from which on it is WANTED."""

    at: At | None
    reached: float | None
    best: bool


@dataclass(frozen=True)
class Row:
    detector: str
    css: str
    drawn: bool
    cells: list[Cell]


class Curves:
    """``strength`` of the results of a comparison: kind → detector → bins."""

    def __init__(self, strength: Json, far: float, chosen: Sequence[str] = ()) -> None:
        self.strength, self.far = strength, far
        self.kinds = [kind for kind in strength if kind != "all"]
        names = {name for kind in self.kinds for name in strength[kind]}
        self.detectors = sorted(names, key=lambda name: (-self._mean(name), name))
        known = [name for name in chosen if name in names]
        self.drawn = known or [name for name in self.detectors if name not in BASELINES][:SHOWN]
        # Colours by rank: those that are drawn unless others are chosen can be told apart.
        self.number = {name: number for number, name in enumerate(self.detectors)}

    def _mean(self, name: str) -> float:
        """Mean efficiency at AT over the kinds: who stands first in the table."""
        found = [efficiency_at(self.strength[kind].get(name) or ()) for kind in self.kinds]
        return sum(one.efficiency for one in found if one) / max(len(self.kinds), 1)

    @property
    def rows(self) -> list[Row]:
        best = {kind: self.best(kind) for kind in self.kinds}
        return [
            Row(
                name,
                style_of(self.number[name]),
                name in self.drawn,
                [
                    Cell(efficiency_at(bins), reached(bins), name == best[kind])
                    for kind in self.kinds
                    for bins in [self.strength[kind].get(name) or ()]
                ],
            )
            for name in self.detectors
        ]

    def best(self, kind: str) -> str:
        """The detector that finds most of this kind at AT."""
        found = {name: efficiency_at(bins) for name, bins in self.strength[kind].items()}
        known = {name: one.efficiency for name, one in found.items() if one}
        return max(known, key=lambda name: (known[name], name)) if known else ""

    def sentence(self, kind: str) -> str:
        """Which detector sees this kind best, in words."""
        name = self.best(kind)
        found = efficiency_at(self.strength[kind].get(name) or ()) if name else None
        if found is None:
            return f"No detector was tried on {kind} of {AT:g} σ."
        from_here = reached(self.strength[kind][name])
        where = f"{WANTED:.0%} from {from_here:.1f} σ on" if from_here is not None else f"never {WANTED:.0%}"
        return (
            f"{name} finds {found.efficiency:.0%} [{found.low95:.0%}, {found.high95:.0%}] at {AT:g} σ, {where}; "
            f"chance finds {self.far:.0%}."
        )

    def plot(self, kind: str) -> Plot:
        """Efficiency against strength of the drawn detectors, with their 95 % intervals as bands."""
        lines = [self._line(name, self.strength[kind].get(name) or ()) for name in self.drawn]
        x = Axis("what the fault changed ÷ sampling noise (σ)", TICKS[0], TICKS[-1], TICKS, log=True)
        guides = [
            Line("chance", 0, [(TICKS[0], self.far), (TICKS[-1], self.far)]),
            Line("wanted", 0, [(AT, 0), (AT, WANTED), (TICKS[0], WANTED)]),
        ]
        title = f"{kind}: efficiency at {self.far:.0%} false alarms"
        return Plot(
            x, Axis("efficiency", 0, 1, SHARE), title, [line for line in lines if line.points], guides
        )

    def _line(self, name: str, bins: Sequence[Json]) -> Line:
        inside = [one for one in bins if one.get("median_strength") and one.get("efficiency") is not None]
        inside = [one for one in inside if TICKS[0] <= one["median_strength"] <= TICKS[-1]]
        points = [(one["median_strength"], one["efficiency"]) for one in inside]
        ends = [(_end(one, "low95"), _end(one, "high95")) for one in inside]
        return Line(name, self.number[name], points, ends, band=True)


def _end(one: Json, name: str) -> float:
    value = one.get(name)
    return float(one["efficiency"] if value is None else value)
