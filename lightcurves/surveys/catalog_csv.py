"""Any catalogue of sources as CSV or Parquet with a map of columns: one row per source. No Django."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import ClassVar

from lightcurves.records import SourceRecord
from project.records import BadRow

from .base import Record, Survey, option
from .cells import EMPTY, LONGEST
from .positions import POSITION_UNITS, parse_angle
from .rows import Chunk, read_chunks

LARGEST_INTEGER = 2**63 - 1  # what a database and JSON keep exactly
WHOLE = re.compile(r"[+-]?(0|[1-9]\d*)", re.ASCII)  # with leading zeros it is a name, not a number
DECIMAL = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class CatalogCsvSurvey(Survey):
    """Every column not mapped becomes an attribute; empty cells are left out, numbers become numbers."""

    name: ClassVar[str] = "catalog-csv"
    summary: ClassVar[str] = "a catalogue of sources from CSV (.gz, .bz2) or Parquet, with a map of columns"
    yields: ClassVar[str] = "sources"

    id: str = option("name", "column of source names")
    ra: str = option("", "column of right ascensions; none for machines")
    dec: str = option("", "column of declinations, degrees (or d:m:s)")
    ra_unit: str = option("deg", "unit of right ascension: deg, hour or sexagesimal (h:m:s, with d:m:s)")
    mag: str = option("", "column of mean magnitudes")
    missing: str = option("", "what else than an empty cell means missing: -99.99")
    sep: str = option(",", "separator of a text file: one character, or comma, semicolon, tab, pipe, space")

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("the column of source names must be named")
        if bool(self.ra) != bool(self.dec):
            raise ValueError("ra and dec belong together: name both columns or none")
        if self.ra_unit not in POSITION_UNITS:
            raise ValueError(f"ra_unit is {self.ra_unit!r}, expected one of {', '.join(POSITION_UNITS)}")

    def read(self, path: Path) -> Iterator[Record]:
        mapped = [name for name in (self.id, self.ra, self.dec, self.mag) if name]
        for chunk in read_chunks(path, mapped, self.sep, others=True):
            if isinstance(chunk, BadRow):
                yield chunk
            else:
                yield from self._records(chunk)

    def _records(self, chunk: Chunk) -> Iterator[Record]:
        names = list(chunk.columns)
        for line, *cells in zip(chunk.lines.tolist(), *chunk.columns.values(), strict=True):
            texts = (str(cell).strip() for cell in cells)
            row = {name: text for name, text in zip(names, texts, strict=True) if not self._empty(text)}
            try:
                yield self._record(line, row)
            except ValueError as error:
                yield BadRow(line, str(error))

    def _record(self, line: int, row: dict[str, str]) -> SourceRecord:
        name = row.pop(self.id, "")
        if not 0 < len(name) <= LONGEST:
            raise ValueError(f"{self.id} is {'too long' if name else 'empty'}")
        ra, dec = self._position(row.pop(self.ra, ""), row.pop(self.dec, ""))
        mag = row.pop(self.mag, None)
        value = None if mag is None else as_number(mag)
        if isinstance(value, str):
            raise ValueError(f"{self.mag} is {value[:40]!r}, not a number")
        attributes = {key: as_number(text) for key, text in row.items()}
        return SourceRecord(line, name, ra, dec, None if value is None else float(value), attributes)

    def _position(self, ra_text: str, dec_text: str) -> tuple[float | None, float | None]:
        if not ra_text and not dec_text:
            return None, None
        ra = parse_angle(ra_text, hours=self.ra_unit != "deg", sexagesimal=self.ra_unit == "sexagesimal")
        dec = parse_angle(dec_text, hours=False, sexagesimal=self.ra_unit == "sexagesimal")
        if not (0 <= ra <= 360 and -90 <= dec <= 90):
            raise ValueError(f"no position: ra {ra_text}, dec {dec_text}")
        return ra % 360, dec

    def _empty(self, text: str) -> bool:
        return text == self.missing or text.lower() in EMPTY


def as_number(text: str) -> int | float | str:
    """An int or a finite float where the text is plainly one, else the text itself."""
    if WHOLE.fullmatch(text):
        return int(text) if len(text) < LONGEST and abs(int(text)) <= LARGEST_INTEGER else text
    if DECIMAL.fullmatch(text) and isfinite(number := float(text)):
        return number
    return text
