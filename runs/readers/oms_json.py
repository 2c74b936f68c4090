"""Answers of the OMS API: fills, runs and lumisections as JSON:API. No Django."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from project.records import BadRow, ReaderError
from runs.readers.base import Reader, RowError
from runs.readers.json_pages import MAX_BYTES, pages
from runs.readers.oms_resources import Attributes, fill, lumisection, run
from runs.readers.units import luminosity_factor
from runs.records import FillRecord, LumisectionRecord, RunRecord

Record = FillRecord | RunRecord | LumisectionRecord
Make = Callable[[int, Attributes], Record]

MAKERS: dict[str, Make] = {"fills": fill, "runs": run, "lumisections": lumisection}


class OmsJson(Reader):
    """``{"data": [{"type": "runs", "attributes": {...}}]}``: a page, a list of pages, or a page a line.

    Units are those of ``meta.row.<attribute>.units``, of the thing itself or of its page; luminosities become
    pb⁻¹, energies GeV, fields tesla. A luminosity without a unit is refused unless ``luminosity_unit`` tells
    it: OMS changes units between answers. Attributes that are missing are unknown. The line of a record is its
    place among all things of the file, from 1.
    """

    name = "oms-json"
    summary = "CMS OMS API answers (JSON:API): fills, runs, lumisections, with their units"
    signature = re.compile(rb'"attributes"\s*:\s*\{')

    def __init__(self, *, luminosity_unit: str = "", era: str = "", max_bytes: int = MAX_BYTES) -> None:
        if luminosity_unit and luminosity_factor(luminosity_unit) is None:
            raise ValueError(f"luminosity_unit is {luminosity_unit!r}, expected one such as /pb or fb^{{-1}}")
        self.luminosity_unit = luminosity_unit
        self.era = era
        self.max_bytes = max_bytes

    def read(self, path: Path) -> Iterator[Record | BadRow]:
        place = 0
        for page in pages(Path(path), self.max_bytes):
            units = _units(page)
            for thing in _things(page, Path(path).name):
                place += 1
                try:
                    yield self._record(place, thing, units)
                except RowError as error:
                    yield BadRow(place, f"{_called(thing)}{error}")

    def _record(self, place: int, thing: Any, units: dict[str, str]) -> Record:
        values = thing.get("attributes") if isinstance(thing, dict) else None
        if not isinstance(values, dict):
            raise RowError("it has no attributes")
        make = MAKERS.get(str(thing.get("type")))
        if make is None:
            raise RowError(f"type is {thing.get('type')!r:.60}, expected one of {', '.join(MAKERS)}")
        record = make(place, Attributes(values, units | _units(thing), self.luminosity_unit))
        if isinstance(record, RunRecord) and self.era and not record.era:
            return record._replace(era=self.era)
        return record


def _things(page: Any, name: str) -> list[Any]:
    data = page.get("data") if isinstance(page, dict) else None
    if isinstance(data, dict):
        return [data]
    if not isinstance(data, list):
        raise ReaderError(f'{name}: JSON, but not an answer of the OMS API ({{"data": [...]}})')
    return data


def _units(holder: Any) -> dict[str, str]:
    """Units by attribute that ``holder``, a page or a thing, states in its ``meta.row``."""
    meta = holder.get("meta") if isinstance(holder, dict) else None
    row = meta.get("row") if isinstance(meta, dict) else None
    if not isinstance(row, dict):
        return {}
    said = ((name, about.get("units")) for name, about in row.items() if isinstance(about, dict))
    return {name: unit for name, unit in said if isinstance(unit, str) and unit}


def _called(thing: Any) -> str:
    """``runs 386000: ``, where it has a name."""
    if not isinstance(thing, dict) or not isinstance(thing.get("id"), str | int):
        return ""
    return f"{thing.get('type')} {thing['id']}: "[:80]
