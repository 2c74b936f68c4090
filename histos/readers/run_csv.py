"""Run-level CSV: entries and moments of every element over a run, without its bins. No Django."""

import csv
import gzip
import io
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from histos.readers.base import Reader, RowError
from histos.readers.rows import fraction_read, open_plain_or_gzip
from histos.records import MomentsRecord
from project.records import BadRow, Passed, ReaderError

COLUMNS = ("run", "pd", "path", "title", "entries", "mean", "rms", "skewness", "kurtosis")
MOMENTS = COLUMNS[5:]
PLACE = re.compile(r"^(?:.*/)?DQMData/Run \d+/(?P<folder>[^/]+)/Run summary/(?P<rest>.+)$")
CYCLE = re.compile(r";\d+$")
LONGEST = 512
MOST_RUN = 2**31 - 1


class RunCsv(Reader):
    """CSV of run-level moments, plain or gzip: ``run, pd, path, title, entries, mean, rms, skewness, kurtosis``.

    The whole path is kept. The name of the element is the path without run, ``Run summary`` and cycle, so that it is
    the same in every run. Rows of another primary dataset than the one that is loaded are passed over and told.
    """

    name = "run-csv"
    summary = (
        "CSV of run-level moments (.csv, .csv.gz): entries, mean, rms, skewness, kurtosis per element and run"
    )
    patterns = ("*.csv", "*.csv.gz")
    yields = MomentsRecord

    def recognises(self, path: Path) -> bool:
        try:
            with _opened(Path(path)) as text:
                return not _missing(next(csv.reader(text), []))
        except (ReaderError, csv.Error, UnicodeDecodeError, OSError, EOFError, zlib.error):
            return False

    def __init__(self) -> None:
        self._fraction: Callable[[], float] = float

    def done(self) -> float:
        return self._fraction()

    def read(self, path: Path) -> Iterator[MomentsRecord | BadRow | Passed]:
        path = Path(path)
        passed: Counter[str] = Counter()
        try:
            with _opened(path) as text:
                self._fraction = fraction_read(cast(BinaryIO, text.buffer), path)
                rows = csv.reader(text)
                at = _header(next(rows, []), path.name)
                yield from self._rows(rows, at, passed)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ReaderError(f"{path.name}: damaged gzip: {error}") from error
        except UnicodeDecodeError as error:
            raise ReaderError(f"{path.name}: not UTF-8 text: {error.reason}") from error
        for primary, number in sorted(passed.items()):
            yield Passed(0, f"{number:,} rows are of {primary}: load them with a --dataset of {primary}")

    def _rows(self, rows: Any, at: dict[str, int], passed: Counter[str]) -> Iterator[Any]:
        primary = self.dataset.split("/")[1] if self.dataset.startswith("/") else self.dataset
        before = 1
        while True:
            line, before = before + 1, rows.line_num
            try:
                fields = next(rows)
                if not fields:
                    continue
                record = _record(rows.line_num, {name: fields[place] for name, place in at.items()})
                if primary and fields[at["pd"]].strip() not in ("", primary):
                    passed[fields[at["pd"]].strip()] += 1
                elif self.wants(record.name):
                    yield record
            except StopIteration:
                return
            except IndexError:
                yield BadRow(
                    rows.line_num, f"{len(fields)} columns, expected at least {max(at.values()) + 1}"
                )
            except (RowError, csv.Error) as error:
                yield BadRow(max(line, rows.line_num), str(error))


def _opened(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(open_plain_or_gzip(path), encoding="utf-8-sig", newline="")


def _missing(columns: list[str]) -> list[str]:
    there = {column.strip() for column in columns}
    return [column for column in COLUMNS if column not in there]


def _header(columns: list[str], name: str) -> dict[str, int]:
    if missing := _missing(columns):
        raise ReaderError(f"{name}: not a CSV of run-level moments, missing column {', '.join(missing)}")
    there = [column.strip() for column in columns]
    return {column: there.index(column) for column in COLUMNS}


def _record(line: int, row: dict[str, str]) -> MomentsRecord:
    run, entries = _number(row["run"], "run"), _number(row["entries"], "entries")
    if run is None or not run.is_integer() or not 0 < run <= MOST_RUN:
        raise RowError(f"run is {row['run'][:40]!r}, expected a whole number from 1")
    if entries is None or entries < 0:
        raise RowError(f"entries are {row['entries'][:40]!r}")
    path = row["path"].strip()
    if not path or not path.isprintable() or len(path) > LONGEST:
        raise RowError(f"path is {path[:60]!r}: expected 1 to {LONGEST} printable characters")
    moments = (_number(row[name], name) for name in MOMENTS)
    return MomentsRecord(line, int(run), element_of(path, row["title"].strip()), path, entries, *moments)


def element_of(path: str, title: str) -> str:
    """The path without what differs from run to run, ending in the title."""
    found = PLACE.match(path)
    name = CYCLE.sub("", f"{found['folder']}/{found['rest']}" if found else path).strip("/")
    whole = name if not title or name.rpartition("/")[2] == title else f"{name}/{title}"
    return whole[:LONGEST]


def _number(text: str, column: str) -> float | None:
    """A finite number; None where there is none, which ROOT and pandas write as ``nan``, ``inf`` or nothing."""
    try:
        value = float(text) if text.strip() else math.nan
    except ValueError:
        raise RowError(f"{column} is not a number: {text[:40]!r}") from None
    return value if math.isfinite(value) and "_" not in text else None
