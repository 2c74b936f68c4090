"""Rows of a text or Parquet file in chunks of columns, streamed. No Django.

In a text file every line stands alone: a stray quote spoils its line, not the rest of the file.
"""

import bz2
import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from project.records import BadRow, ReaderError

from .ahead import BLOCK, ReadAhead

CHUNK_ROWS = 20_000
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
OPENERS = {".gz": gzip.open, ".bz2": bz2.open}
PARQUET = (".parquet", ".pq")
BROKEN = (OSError, EOFError, UnicodeDecodeError)  # what a truncated or mislabelled file raises

Column = Sequence[str] | NDArray[Any]


class Chunk(NamedTuple):
    """Some rows: ``lines`` in the file (a row's number in Parquet), ``columns`` by name, texts or numbers."""

    lines: NDArray[np.int64]
    columns: dict[str, Column]


def open_text(path: Path) -> IO[str]:
    """A text file, plain or compressed, as UTF-8."""
    opener: Any = OPENERS.get(path.suffix.lower())
    if opener is None:
        return path.open(encoding="utf-8-sig", newline=None)
    ahead = io.BufferedReader(ReadAhead(opener(path, mode="rb")), BLOCK)
    return io.TextIOWrapper(ahead, encoding="utf-8-sig", newline=None)


def read_chunks(
    path: Path, wanted: Sequence[str], sep: str = ",", *, others: bool = False
) -> Iterator[Chunk | BadRow]:
    """The ``wanted`` columns of a file, and with ``others`` all that it has, in chunks."""
    try:
        if path.suffix.lower() in PARQUET:
            yield from _parquet_chunks(path, wanted, others)
        else:
            with open_text(path) as stream:
                text = _text_chunks(path, stream, wanted, SEPARATORS.get(sep, sep), others)
                yield from text
    except BROKEN as error:
        raise ReaderError(f"{path.name}: cannot be read to its end: {error}") from error


def _text_chunks(
    path: Path, stream: IO[str], wanted: Sequence[str], sep: str, others: bool
) -> Iterator[Chunk | BadRow]:
    header = next(stream, "")
    if not header.strip():
        raise ReaderError(f"{path.name}, line 1: no header")
    names = named(split_line(header.lstrip("#"), sep))
    check_columns(path, names, wanted)
    positions = range(len(names)) if others else [names.index(name) for name in wanted]
    lines = count(2)
    while block := list(islice(stream, CHUNK_ROWS)):
        numbers, rows, bad = split_block(zip(block, lines, strict=False), sep, len(names))
        yield from bad
        picked = [list(map(itemgetter(at), rows)) for at in positions]
        columns: dict[str, Column] = dict(zip([names[at] for at in positions], picked, strict=True))
        yield Chunk(np.array(numbers, np.int64), columns)


def named(header: list[str]) -> list[str]:
    """Column names, stripped; an unnamed column is called after its place, so that none is lost."""
    return [name.strip() or f"column_{place}" for place, name in enumerate(header, 1)]


def check_columns(path: Path, present: Sequence[str], wanted: Sequence[str]) -> None:
    for name in wanted:
        if name not in present:
            raise ReaderError(f"{path.name}, line 1: no column {name!r}; present: {', '.join(present)}")
        if present.count(name) > 1:
            raise ReaderError(f"{path.name}, line 1: column {name!r} appears {present.count(name)} times")


def split_block(
    numbered: Iterable[tuple[str, int]], sep: str, width: int
) -> tuple[list[int], list[list[str]], list[BadRow]]:
    """Line numbers and fields of the lines that have ``width`` fields; empty lines are passed over."""
    numbers, rows, bad = [], [], []
    for line, number in numbered:
        fields = split_line(line, sep)
        if len(fields) == width:
            numbers.append(number)
            rows.append(fields)
        elif line.strip():
            bad.append(BadRow(number, f"{len(fields)} columns, expected {width}"))
    return numbers, rows, bad


def split_line(line: str, sep: str) -> list[str]:
    line = line.rstrip("\r\n")
    if '"' in line and len(line) < csv.field_size_limit():
        return next(csv.reader([line], delimiter=sep, skipinitialspace=sep == " "))
    return line.split() if sep == " " else line.split(sep)


def _parquet_chunks(path: Path, wanted: Sequence[str], others: bool) -> Iterator[Chunk]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            check_columns(path, file.schema_arrow.names, wanted)
            lines = 1
            for batch in file.iter_batches(CHUNK_ROWS, columns=None if others else list(wanted)):
                columns = {name: _values(path, batch.column(name), name) for name in batch.schema.names}
                yield Chunk(np.arange(lines, lines + len(batch)), columns)
                lines += len(batch)
    except pa.ArrowException as error:
        raise ReaderError(f"{path.name}: no sound Parquet file: {str(error).splitlines()[0]}") from error


def _values(path: Path, column: Any, name: str) -> Column:
    """Numbers stay numbers (nulls become NaN), moments become ISO texts, the rest becomes texts."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and not column.null_count):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise ReaderError(f"{path.name}: column {name!r} holds {kind}, expected numbers or text")
    if pa.types.is_timestamp(kind):
        moments = column.cast(pa.timestamp("us", kind.tz), safe=False).to_pylist()
        return ["" if moment is None else moment.isoformat() for moment in moments]
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    return ["" if item is None else str(item) for item in column.to_pylist()]
