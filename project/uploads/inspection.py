"""A look at a whole file before a reader gets it: its size unpacked, and what no reader should meet. No Django."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from project.errors import UserError
from project.uploads.names import CSV_GZ, JSON, PARQUET

PIECE = 1 << 20
NUL_OF_JSON = b"\\u0000"
VALUE = 8
"""Bytes that a value takes in memory at most, but for texts."""
LONGEST_CELL = 4_096
"""Bytes of a text in Parquet: a dictionary may repeat it for every row that is read at once."""


@dataclass(frozen=True)
class Limits:
    """``unpacked`` bytes of the whole; ``line`` of one line; ``at_once`` of a file that is read as a whole (JSON);
    ``lists`` whether a reader takes columns of lists of numbers (Parquet).
    """

    unpacked: int
    line: int = 1 << 16
    at_once: int = 64 << 20
    lists: bool = False


def inspect(path: Path, kind: str, limits: Limits, told: Callable[[], None] = lambda: None) -> None:
    """UserError where the file is not to be read; ``told`` is called now and then, and may raise to stop."""
    if kind == PARQUET:
        _inspect_parquet(path, limits, told)
        return
    if kind == JSON and path.stat().st_size > limits.at_once:
        raise UserError(f"{path.name}: JSON of more than {limits.at_once >> 20} MB")
    try:
        with gzip.open(path) if kind == CSV_GZ else path.open("rb") as stream:
            _inspect_text(path, _pieces(stream), limits, told, lines=kind != JSON)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{path.name}: damaged gzip: {error}") from error


def _pieces(stream: IO[bytes] | Any) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _inspect_text(
    path: Path, pieces: Iterator[bytes], limits: Limits, told: Callable[[], None], *, lines: bool
) -> None:
    size = open_line = 0
    for piece in pieces:
        told()
        size += len(piece)
        if size > limits.unpacked:
            raise UserError(f"{path.name}: more than {limits.unpacked >> 20} MB unpacked")
        if b"\0" in piece or (not lines and NUL_OF_JSON in piece):
            raise UserError(f"{path.name}: holds NUL, which no text does")
        first, *rest = piece.split(b"\n")
        longest = max(open_line + len(first), max(map(len, rest), default=0))
        if lines and longest > limits.line:
            raise UserError(f"{path.name}: a line is longer than {limits.line:,} bytes")
        open_line = len(rest[-1]) if rest else open_line + len(first)


def _inspect_parquet(path: Path, limits: Limits, told: Callable[[], None]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            flat = _flat_columns(path, file, limits.lists)
            if max(_unpacked(file.metadata)) > limits.unpacked:
                raise UserError(f"{path.name}: more than {limits.unpacked >> 20} MB unpacked")
        with pq.ParquetFile(path, read_dictionary=flat) as file:
            for batch in file.iter_batches(PIECE >> 4, columns=flat) if flat else ():
                told()
                _check_cells(path, batch)
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"{path.name}: no sound Parquet file: {reason}") from error


def _unpacked(metadata: Any) -> tuple[int, int]:
    """Bytes as the file has them encoded, and as they are in memory: a value that repeats takes next to none there."""
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    values = sum(group.column(at).num_values for group in groups for at in range(group.num_columns))
    return sum(group.total_byte_size for group in groups), VALUE * values


def _is_list_of_numbers(kind: Any) -> bool:
    import pyarrow as pa

    while pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _flat_columns(path: Path, file: Any, lists: bool) -> list[str]:
    """Names of the columns of text; a column of records, or of lists without ``lists``, is none that is taken."""
    import pyarrow as pa

    for field in file.schema_arrow:
        if pa.types.is_nested(field.type) and not (lists and _is_list_of_numbers(field.type)):
            raise UserError(
                f"{path.name}: column {field.name!r:.80} holds {field.type!s:.80}, expected numbers or text"
            )
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)

    def is_text(kind: Any) -> bool:
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        return any(test(kind) for test in texts)

    return [field.name for field in file.schema_arrow if is_text(field.type)]


def _check_cells(path: Path, batch: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        texts = column.dictionary if isinstance(column, pa.DictionaryArray) else column
        if (pc.max(pc.binary_length(texts)).as_py() or 0) > LONGEST_CELL:
            raise UserError(
                f"{path.name}: a text in column {name!r:.80} is longer than {LONGEST_CELL:,} bytes"
            )
