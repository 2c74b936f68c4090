"""The rows of a CSV file, plain or gzip, in spite of quotes that never close. No Django."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from histos.readers.base import RowError
from histos.readers.magic import begins_with
from project.records import BadRow, ReaderError

MAX_ROW = 64 << 20  # bytes; a 300 x 200 map takes 0.2 MB, ten million cells of one digit 30 MB
_BUFFER = 1 << 18

# The csv module's limit is global to the process and too small (128 kB) for a map: raised, never lowered.
csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW))

Row = tuple[int, bytes]


def open_plain_or_gzip(path: Path) -> BinaryIO:
    """The bytes of ``path``, unpacked when it begins with the gzip magic bytes."""
    if begins_with(path, b"\x1f\x8b"):
        return io.BufferedReader(gzip.open(path), _BUFFER)
    empty = not path.stat().st_size
    if empty or path.suffix == ".gz":
        raise ReaderError(f"{path.name}: {'empty file' if empty else 'not gzip in spite of its name'}")
    return path.open("rb", buffering=_BUFFER)


def fraction_read(stream: BinaryIO, path: Path) -> Callable[[], float]:
    """How much of the file ``stream`` has taken so far, 0 to 1, whenever it is asked; of packed bytes, where packed."""
    raw: Any = getattr(stream, "raw", None)
    file: Any = raw.fileobj if isinstance(raw, gzip.GzipFile) else stream
    size = max(path.stat().st_size, 1)
    return lambda: 1.0 if stream.closed else min(file.tell() / size, 1.0)


def physical_lines(stream: BinaryIO, path: Path, first: int, limit: int) -> Iterator[Row | BadRow]:
    """Number and bytes of every line; one longer than ``limit`` bytes is a BadRow, never held in memory."""
    number = first - 1
    readline = partial(stream.readline, limit)
    try:
        for number, line in enumerate(iter(readline, b""), first):
            if len(line) == limit and not line.endswith(b"\n"):
                while (line := readline()) and not line.endswith(b"\n"):
                    continue
                yield BadRow(number, f"row longer than {limit} bytes")
            else:
                yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReaderError(f"{path.name}: damaged gzip after line {number}: {error}") from error


def whole_rows(
    lines: Iterator[Row | BadRow], starts_row: Callable[[bytes], bool], limit: int
) -> Iterator[Row | BadRow]:
    """Join the lines of a quoted field that spans several.

    A quote left open ends where a line begins a row by itself, so that one lost character costs one row.
    """
    first, held, size = 0, list[bytes](), 0
    for item in lines:
        if isinstance(item, BadRow):
            yield item
            continue
        number, line = item
        if not held and line.count(b'"') % 2 == 0:
            yield item
            continue
        if held and (starts_row(line) or size > limit):
            yield BadRow(first, "unterminated quote")
            held = []
        if line.count(b'"') % 2 == bool(held):
            yield (first, b"".join([*held, line])) if held else item
            held = []
        else:
            first, size = (first, size + len(line)) if held else (number, len(line))
            held.append(line)
    if held:
        yield BadRow(first, "truncated last line: unterminated quote")


def split_fields(row: bytes) -> list[bytes]:
    """The fields of one row. Nearly every row has one quoted field or none: those need no csv module."""
    parts = row.split(b'"')
    if len(parts) == 3 and parts[0][-1:] == b"," == parts[2][:1]:
        return [*parts[0][:-1].split(b","), parts[1], *parts[2][1:].rstrip(b"\r\n").split(b",")]
    if len(parts) == 1:
        return row.rstrip(b"\r\n").split(b",")
    text = row.decode("utf-8", "surrogateescape")
    try:
        (fields,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError) as error:
        raise RowError(f"quotes do not match: {error}") from error
    return [field.encode("utf-8", "surrogateescape") for field in fields]
