"""Rows of a table that is a CSV or its JSON equivalent, by column name. No Django."""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from project.records import ReaderError
from runs.readers.json_pages import pages

GZIP, PICKLE = b"\x1f\x8b", b"\x80"
ROWS = Iterator[tuple[int, dict[str, Any]]]


def table(path: Path, may_be_empty: bool = False) -> ROWS:
    """Line and values of every row: of a CSV (plain or gzip) as text, of JSON as they are there.

    JSON is a list of objects, an object a line, or an object of equally long columns, as lists or, as pandas writes
    them, as objects by row. A pickle is never read. ReaderError where there is no row at all.
    """
    number = 0
    for number, row in _rows(path):
        yield number, row
    if not number and not may_be_empty:
        raise ReaderError(f"{path.name}: a table without a single row")


def _rows(path: Path) -> ROWS:
    head = _head(path)
    if head.startswith(PICKLE):
        raise ReaderError(f"{path.name}: a pickle, which is never read: write it as CSV or JSON first")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json_rows(path)
    return _csv_rows(path)


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The text of ``path``, plain or gzip, whatever its name; ReaderError where it cannot be read."""
    head = _head(path)
    if not head.strip():
        raise ReaderError(f"{path.name}: empty file")
    try:
        with (
            gzip.open(path) if head.startswith(GZIP) else path.open("rb") as raw,
            io.TextIOWrapper(cast(IO[bytes], raw), encoding="utf-8-sig", newline="") as text,
        ):
            yield text
    except UnicodeDecodeError as error:
        raise ReaderError(f"{path.name}: not UTF-8 text ({error.reason})") from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise ReaderError(f"{path.name}: damaged gzip: {error}") from error
    except csv.Error as error:
        raise ReaderError(f"{path.name}: not CSV: {error}") from error


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as error:
        raise ReaderError(f"{path.name}: cannot be read: {error.strerror}") from error


def _csv_rows(path: Path) -> ROWS:
    with opened(path) as text:
        rows = csv.DictReader(text, strict=True)
        for row in rows:
            row.pop(None, None)  # cells beyond the header
            yield rows.line_num, row


def _json_rows(path: Path) -> ROWS:
    for number, item in enumerate(pages(path), 1):
        if not isinstance(item, dict):
            raise ReaderError(f"{path.name}: JSON, but not a table of rows or columns")
        columns = {name: _column(values) for name, values in item.items() if isinstance(values, list | dict)}
        if not columns:
            yield number, item
            continue
        if len(columns) < len(item) or len({len(values) for values in columns.values()}) > 1:
            raise ReaderError(f"{path.name}: JSON, but not a table of equally long columns")
        for place, values in enumerate(zip(*columns.values(), strict=True), 1):
            yield place, dict(zip(columns, values, strict=True))


def _column(values: list[Any] | dict[str, Any]) -> list[Any]:
    return values if isinstance(values, list) else list(values.values())
