"""What OMS tells of a fill, a run and a lumisection, as records. No Django."""

from dataclasses import dataclass
from typing import Any

from runs.readers.base import RowError
from runs.readers.units import ENERGY, FIELD, luminosity_factor
from runs.readers.values import is_simple, moment, number, whole
from runs.records import FillRecord, LumisectionRecord, RunRecord

PICOBARN = "pb⁻¹"
INTEGRATED = ("delivered_lumi", "recorded_lumi")
PER_LUMISECTION = ("delivered_lumi_per_lumisection", "recorded_lumi_per_lumisection")
TIMES = ("start_time", "end_time")

_OF_FILL = {"fill_number", *TIMES, "energy", "peak_pileup", *INTEGRATED}
_OF_RUN = {"run_number", *TIMES, "fill_number", "era", "energy", "b_field", "recorded_lumi"}
# Of a lumisection ``delivered_lumi`` and ``recorded_lumi`` are those of the run so far.
_OF_LUMISECTION = {
    "run_number", "lumisection_number", *TIMES, "pileup", *PER_LUMISECTION, *INTEGRATED, "init_lumi", "end_lumi",
}  # fmt: skip


@dataclass(frozen=True)
class Attributes:
    """The attributes of one thing with their units; ``luminosity_unit`` where the answer states none."""

    values: dict[str, Any]
    units: dict[str, str]
    luminosity_unit: str = ""

    def luminosity(self, name: str) -> float | None:
        """In pb⁻¹."""
        value = self.values.get(name)
        if not value:
            return number(value, name)  # nothing is nothing in any unit
        unit = self.units.get(name) or self.luminosity_unit
        if not unit:
            raise RowError(f"{name} has no unit: ask with include=meta, or tell the luminosity unit")
        factor = luminosity_factor(unit)
        if factor is None:
            raise RowError(f"{name} is in {unit!r:.60}, which is no unit of luminosity")
        return number(value, name, factor)

    def scaled(self, name: str, units: dict[str, float]) -> float | None:
        """In the unit of ``units`` that is 1, which OMS means where it states none."""
        unit = self.units.get(name)
        if unit and unit not in units:
            raise RowError(f"{name} is in {unit!r:.60}, expected one of {', '.join(units)}")
        return number(self.values.get(name), name, units[unit] if unit else 1.0)

    def maybe_whole(self, name: str) -> int | None:
        value = self.values.get(name)
        return None if value is None else whole(value, name)

    def others(self, named: set[str]) -> dict[str, Any]:
        """The rest as it is kept: plain, or with its unit as ``{"value": 95.2, "unit": "kHz"}``."""
        kept: dict[str, Any] = {}
        for name, value in self.values.items():
            if isinstance(value, list) and all(isinstance(part, str) for part in value):
                kept[name] = ", ".join(value)
            elif name not in named and value not in (None, "") and is_simple(value):
                kept[name] = self._with_unit(name, value)
        return kept

    def _with_unit(self, name: str, value: Any) -> Any:
        if name in INTEGRATED:
            return {"value": self.luminosity(name), "unit": PICOBARN}
        unit = self.units.get(name)
        return {"value": value, "unit": unit} if unit else value


def fill(line: int, of: Attributes) -> FillRecord:
    return FillRecord(
        line=line,
        number=whole(of.values.get("fill_number"), "fill_number"),
        start_time=moment(of.values.get("start_time"), "start_time"),
        end_time=moment(of.values.get("end_time"), "end_time"),
        energy=of.scaled("energy", ENERGY),
        peak_pileup=number(of.values.get("peak_pileup"), "peak_pileup"),
        delivered_luminosity=of.luminosity("delivered_lumi"),
        recorded_luminosity=of.luminosity("recorded_lumi"),
        attributes=of.others(_OF_FILL),
    )


def run(line: int, of: Attributes) -> RunRecord:
    era = of.values.get("era")
    return RunRecord(
        line=line,
        number=whole(of.values.get("run_number"), "run_number"),
        start_time=moment(of.values.get("start_time"), "start_time"),
        end_time=moment(of.values.get("end_time"), "end_time"),
        fill_number=of.maybe_whole("fill_number"),
        era=era if isinstance(era, str) else "",
        energy=of.scaled("energy", ENERGY),
        b_field=of.scaled("b_field", FIELD),
        recorded_luminosity=of.luminosity("recorded_lumi"),
        attributes=of.others(_OF_RUN),
    )


def lumisection(line: int, of: Attributes) -> LumisectionRecord:
    """Its ``flags`` are the detector bits and every other simple attribute."""
    rest = {name: value for name, value in of.values.items() if name not in _OF_LUMISECTION}
    return LumisectionRecord(
        line=line,
        run=whole(of.values.get("run_number"), "run_number"),
        number=whole(of.values.get("lumisection_number"), "lumisection_number"),
        start_time=moment(of.values.get("start_time"), "start_time"),
        delivered_luminosity=of.luminosity("delivered_lumi_per_lumisection"),
        recorded_luminosity=of.luminosity("recorded_lumi_per_lumisection"),
        pileup=number(of.values.get("pileup"), "pileup"),
        flags={name: value for name, value in rest.items() if is_simple(value)},
    )
