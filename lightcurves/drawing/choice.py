"""Which light curves of a source its page shows, and how: what the address asks for, and what it could."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lightcurves.drawing.figures import Curve
from lightcurves.drawing.layout import QUANTITIES, Look
from lightcurves.models import LightCurve, Source
from project.filters import NUMBER

MOST_CURVES = 500
"""Of one source on its page."""
CHOICES = {"survey": "survey__name", "band": "band", "season": "season", "reduction": "reduction"}
NONE = "-"
"""In the address: light curves without a season or a reduction."""
ABOUT = ("id", "survey__name", "band", "season", "reduction", "unit", "n_points", "time_min", "time_max")
VECTORS = ("time", "value", "error", "flag")
NUMBERS = ("period", "from", "to")
LONGEST_PERIOD = 1e6


@dataclass
class Chooser:
    """One row of choices: the ``options`` that the light curves have, and which is chosen ("" for all)."""

    name: str
    options: list[str]
    chosen: str


@dataclass
class CurveChoice:
    """The light curves of ``source`` as ``params`` choose among them; ``errors`` by parameter."""

    source: Source
    params: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = LightCurve.objects.visible().filter(source=self.source)
        order = ("survey__name", "band", "season", "reduction")
        self.every: list[dict[str, Any]] = list(rows.order_by(*order).values(*ABOUT)[:MOST_CURVES])
        self.choosers = [self._chooser(name, path) for name, path in CHOICES.items()]
        chosen = {CHOICES[one.name]: one.chosen for one in self.choosers if one.chosen}
        self.curves = [
            row for row in self.every if all(_said(row[path]) == value for path, value in chosen.items())
        ]
        self.period, self.start, self.end = (self._number(name) for name in NUMBERS)
        if self.start is not None and self.end is not None and self.start >= self.end:
            self.errors["to"] = f"{self.end!r} is not after the start, {self.start!r}"
        if self.period is not None and not 0 < self.period <= LONGEST_PERIOD:
            self.errors["period"] = (
                f"{self.period!r} days: more than 0 and at most {LONGEST_PERIOD:g} are possible"
            )

    def _chooser(self, name: str, path: str) -> Chooser:
        options = sorted({_said(row[path]) for row in self.every})
        chosen = self.params.get(name, "")
        if chosen and chosen not in options:
            there = ", ".join(options[:10]) or "no light curve"
            self.errors[name] = f"there is no {name} {chosen[:100]!r}; there is {there}"
        return Chooser(name, options, chosen)

    def _number(self, name: str) -> float | None:
        text = self.params.get(name, "").strip()
        try:
            return NUMBER.parse(text) if text else None
        except ValueError as error:
            self.errors[name] = str(error)
            return None

    @property
    def bands(self) -> list[str]:
        """Of the whole source: colours stay when the choice changes."""
        return sorted({row["band"] for row in self.every})

    @property
    def units(self) -> list[str]:
        return sorted({row["unit"] for row in self.curves})

    @property
    def n_points(self) -> int:
        return sum(row["n_points"] for row in self.curves)

    def look(self, unit: str) -> Look:
        """What machines measure is drawn with lines; the epoch of the folding is the first time of all chosen."""
        bands = sorted({row["band"] for row in self.curves if row["unit"] == unit})
        return Look(
            unit, self.bands, bands, self.source.ra is None and unit not in QUANTITIES, self.period,
            min((row["time_min"] for row in self.curves), default=0.0), self.start, self.end,
        )  # fmt: skip

    def read(self, unit: str) -> list[Curve]:
        """The chosen light curves in ``unit`` with their points, seasons of one band in one."""
        wanted = {row["id"]: row for row in self.curves if row["unit"] == unit and self._meets(row)}
        parts: dict[str, list[tuple[Any, ...]]] = {}
        bands = {}
        rows = LightCurve.objects.filter(pk__in=list(wanted)).order_by("time_min")
        for pk, *vectors in rows.values_list("pk", *VECTORS):
            name = self._name(wanted[pk])
            bands[name] = wanted[pk]["band"]
            parts.setdefault(name, []).append((np.full(len(vectors[0]), pk), *vectors))
        return [_joined(name, bands[name], parts[name]) for name in sorted(parts)]

    def _meets(self, row: Mapping[str, Any]) -> bool:
        after = self.start is None or row["time_max"] >= self.start
        return after and (self.end is None or row["time_min"] <= self.end)

    def _name(self, row: Mapping[str, Any]) -> str:
        """What tells it from the others on the plot."""
        differ = [
            path
            for path in CHOICES.values()
            if path != "season" and len({one[path] for one in self.curves}) > 1
        ]
        return " ".join(filter(None, (row[path] for path in differ))) or row["band"]


def _said(value: str) -> str:
    return value or NONE


def _joined(name: str, band: str, parts: list[tuple[Any, ...]]) -> Curve:
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[1], kind="stable")
    return Curve(name, band, *(column[order] for column in columns))
