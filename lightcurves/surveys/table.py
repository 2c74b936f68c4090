"""Light curves from CSV or Parquet with a map of columns: one row per epoch, in any order. No Django."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lightcurves.times import TimeSystem
from project.records import BadRow

from .base import Record, Survey, option
from .buckets import BucketStore
from .curves import light_curves
from .epochs import EpochParser
from .photometry import Photometry
from .rows import read_chunks


@dataclass(frozen=True, kw_only=True)
class TableSurvey(Survey):
    """Rows may come in any order, sources interleaved. An error that is no positive number is unknown.

    Light curves come in an order of their own (by a checksum of the source's name), whatever the order of the
    rows and the memory. A row that repeats another entirely is rejected, another value at the same time not.
    """

    name: ClassVar[str] = "table"
    summary: ClassVar[str] = "light curves from CSV (.gz, .bz2) or Parquet, with a map of columns"

    time: str = option("time", "column of times")
    value: str = option("value", "column of magnitudes, fluxes or whatever was measured")
    unit: str = option(
        "", "unit of the values, must be stated: abmag, mag, uJy, mJy, Jy, nJy, adu or its own"
    )
    error: str = option("", "column of errors, one standard deviation")
    id: str = option("", "column of source names; without one the file is one source, called after the file")
    band: str = option("", "column of bands")
    band_name: str = option("", "the one band of the file, where there is no column of bands")
    flag: str = option("", "column of flags, whole numbers, 0 = good")
    ra: str = option("", "column of right ascensions, needed to undo heliocentric times")
    dec: str = option("", "column of declinations, degrees")
    ra_unit: str = option("deg", "unit of right ascension: deg or hour")
    time_system: str = option("mjd", "mjd, jd, hjd, bjd, unix (seconds) or iso")
    time_scale: str = option("", "utc, tai, tt or tdb; usual: tdb for bjd, utc for the rest")
    time_offset: float = option(0.0, "what to add to the times first: 2450000 for JD − 2450000")
    zero_point: float | None = option(None, "mag: what to add to reach AB; adu: AB magnitude of one unit")
    sep: str = option(",", "separator of a text file: one character, or comma, semicolon, tab, pipe, space")
    memory: int = option(32 << 20, "bytes of epochs to hold before they go to temporary files")

    def __post_init__(self) -> None:
        self.parser("")
        if bool(self.ra) != bool(self.dec):
            raise ValueError("ra and dec belong together: name both columns or none")
        if self.ra_unit not in ("deg", "hour"):
            raise ValueError(f"ra_unit is {self.ra_unit!r}, expected deg or hour")
        if not (self.time and self.value):
            raise ValueError("the columns of time and value must be named")

    @property
    def times(self) -> TimeSystem:
        return TimeSystem(self.time_system, self.time_scale, self.time_offset)

    @property
    def time_note(self) -> str:
        return self.times.note(located=bool(self.ra))

    def parser(self, source: str) -> EpochParser:
        """How a chunk of the file becomes epochs; ``source`` stands where there is no column of names."""
        names = ("time", "value", "error", "id", "band", "flag", "ra", "dec")
        return EpochParser(
            **{name: getattr(self, name) for name in names},
            photometry=Photometry(self.unit, self.zero_point),
            times=self.times,
            hours=self.ra_unit == "hour",
            fixed_source=source,
            fixed_band=self.band_name,
        )

    def read(self, path: Path) -> Iterator[Record]:
        parser = self.parser(path.name.split(".")[0])
        first = True
        with BucketStore(self.memory) as store:
            for chunk in read_chunks(path, parser.columns, self.sep):
                if isinstance(chunk, BadRow):
                    yield chunk
                    continue
                if first:
                    parser.check_times(chunk, path.name)
                    first = False
                epochs, bad = parser.parse(chunk)
                yield from bad
                store.add(epochs)
            for epochs in store:
                yield from light_curves(epochs, parser.photometry.kept_unit)
