"""Epochs: rows of photometry as a structured array, checked and converted. No Django."""

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lightcurves.times import TimeSystem, likely_mistake, parse_iso, plausible
from project.records import BadRow, ReaderError

from .cells import Faults, Floats, note, to_flags, to_floats, to_names
from .photometry import Photometry
from .rows import Chunk

Epochs = NDArray[np.void]
BUCKETS = 256
YEARS = "1900 to 2100"


@dataclass(frozen=True, kw_only=True)
class EpochParser:
    """Turns chunks of columns into epochs. A column name "" means that the file has none.

    ``source`` and ``band`` stand where there is no column of them. ``hours``: right ascension is in hours.
    """

    time: str
    value: str
    photometry: Photometry
    times: TimeSystem
    error: str = ""
    flag: str = ""
    id: str = ""
    band: str = ""
    ra: str = ""
    dec: str = ""
    hours: bool = False
    fixed_source: str = ""
    fixed_band: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns it reads, each once."""
        names = (self.id, self.time, self.value, self.error, self.band, self.flag, self.ra, self.dec)
        return list(dict.fromkeys(name for name in names if name))

    def parse(self, chunk: Chunk) -> tuple[Epochs, list[BadRow]]:
        """The sound rows of a chunk, and the others."""
        faults: Faults = {}
        ra, dec = self._positions(chunk, faults)
        mjd = self._mjd(chunk, ra, dec, faults)
        value, error = self._brightness(chunk, faults)
        source = self._names(chunk, self.id, self.fixed_source, faults, required=True)
        band = self._names(chunk, self.band, self.fixed_band, faults, required=False)
        flag = np.zeros(len(mjd), np.uint32)
        if self.flag:
            flag = to_flags(chunk.columns[self.flag], self.flag, faults)
        bucket = np.array([crc32(name) % BUCKETS for name in source], np.uint8)
        names = {"source": np.array(source, "S"), "band": np.array(band, "S")}
        numbers: dict[str, NDArray[Any]] = {
            "time": mjd,
            "value": value,
            "error": error,
            "flag": flag,
            "ra": ra,
            "dec": dec,
        }
        fields: dict[str, NDArray[Any]] = {"bucket": bucket, "line": chunk.lines, **names, **numbers}
        bad = [BadRow(int(chunk.lines[row]), faults[row]) for row in sorted(faults)]
        return np.delete(_structured(fields), sorted(faults)), bad

    def check_times(self, chunk: Chunk, file: str) -> None:
        """ReaderError where most times of a file's first chunk are no dates in the stated system.

        One odd row is a bad row; when most are, the file is not in that system.
        """
        given = self._given_times(chunk, {})
        outside = np.isfinite(given) & ~plausible(self.times.to_mjd(given))
        if 2 * outside.sum() > np.isfinite(given).sum():
            row = int(np.argmax(outside))
            raise ReaderError(
                f"{file}, line {chunk.lines[row]}: {self.time} {given[row]:.10g} is no time from {YEARS} in"
                f" {self.times.system}; it looks like {likely_mistake(float(given[row]))}"
            )

    def _given_times(self, chunk: Chunk, faults: Faults) -> Floats:
        parse = parse_iso if self.times.system == "iso" else float
        return to_floats(chunk.columns[self.time], self.time, faults, parse)

    def _names(self, chunk: Chunk, column: str, fixed: str, faults: Faults, *, required: bool) -> list[bytes]:
        if not column:
            return [fixed.encode()] * len(chunk.lines)
        return to_names(chunk.columns[column], column, faults, required=required)

    def _positions(self, chunk: Chunk, faults: Faults) -> tuple[Floats, Floats]:
        if not self.ra:
            unknown = np.full(len(chunk.lines), np.nan)
            return unknown, unknown
        ra = to_floats(chunk.columns[self.ra], self.ra, faults) * (15.0 if self.hours else 1.0)
        dec = to_floats(chunk.columns[self.dec], self.dec, faults)
        outside = (ra < 0) | (ra > 360) | (np.abs(dec) > 90) | (np.isnan(ra) != np.isnan(dec))
        note(faults, outside, lambda row: f"no position: ra {ra[row]:g}°, dec {dec[row]:g}°")
        return ra, dec

    def _mjd(self, chunk: Chunk, ra: Floats, dec: Floats, faults: Faults) -> Floats:
        given = self._given_times(chunk, faults)
        note(faults, ~np.isfinite(given), lambda row: f"{self.time} is missing or not finite")
        if self.ra and self.times.centre:
            note(faults, np.isnan(ra), lambda row: f"no position, which {self.times.centre} times need")
            mjd = self.times.to_mjd(given, np.nan_to_num(ra), np.nan_to_num(dec))
        else:
            mjd = self.times.to_mjd(given)
        outside = np.isfinite(given) & ~plausible(mjd)
        note(faults, outside, lambda row: f"{self.time} {given[row]:g} is not from {YEARS}")
        return mjd

    def _brightness(self, chunk: Chunk, faults: Faults) -> tuple[Floats, Floats]:
        given = to_floats(chunk.columns[self.value], self.value, faults)
        error = np.full(len(given), np.nan)
        if self.error:
            error = to_floats(chunk.columns[self.error], self.error, faults)
            # A zero, negative or infinite error is how catalogues write "unknown": the epoch is kept.
            error = np.where(np.isfinite(error) & (error > 0), error, np.nan)
        note(faults, ~np.isfinite(given), lambda row: f"{self.value} is missing or not finite")
        value, error = self.photometry.convert(given, error)
        note(faults, ~np.isfinite(value), lambda row: f"{self.value} {given[row]:g} is beyond any flux")
        return value, error


def _structured(fields: dict[str, NDArray[Any]]) -> Epochs:
    rows: Epochs = np.empty(len(fields["line"]), [(name, column.dtype) for name, column in fields.items()])
    for name, column in fields.items():
        rows[name] = column
    return rows
