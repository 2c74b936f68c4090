"""Scores as Arrow (stream or file) and as Parquet. No Django.

A small file must not become a large array: compressed Arrow is refused, Parquet says its size before it is read, and a
text that a dictionary repeats is measured before it is spelled out.
"""

import struct
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from .base import CHUNK_ROWS, KEY, LONGEST_KEY, SCORE, STEP, Rows, ScoreFileError
from .naming import NUMBERS, TEXTS, keys_of, naming_columns

MOST_UNPACKED = 1 << 30
FILE_MAGIC = b"ARROW1"
RECORD_BATCH, COMPRESSION = 3, 3
"""Numbers of the Arrow format: the kind of a message, and the place of a batch's compression among its fields."""
BROKEN = (OSError, struct.error, KeyError, UnicodeDecodeError)
"""What damaged bytes raise beside the errors of Arrow's own."""


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def read_arrow(stream: IO[bytes]) -> Iterator[Rows]:
    """Columns ``key`` (text), or ``run`` and ``lumisection``, and ``score`` (number), for series ``step`` too."""
    import pyarrow as pa

    try:
        reader = _messages(stream)
        first = 1
        for batch in reader:
            batch.validate(full=True)
            yield from _rows(batch, first)
            first += batch.num_rows
    except (pa.ArrowException, *BROKEN) as error:
        raise ScoreFileError(f"no sound Arrow data: {_one_line(error)}") from error


def _messages(stream: IO[bytes]) -> Iterator[Any]:
    """The batches of a stream or a file, each looked at before it is opened."""
    import pyarrow as pa

    content = stream.read()
    buffer = pa.py_buffer(content)
    if content.startswith(FILE_MAGIC):
        # A file is a stream between two marks; read as one, its batches are seen before they are unpacked.
        buffer = buffer.slice(8)
    for message in pa.ipc.MessageReader.open_stream(buffer):
        if message.type in ("record batch", "dictionary") and _is_compressed(
            message.metadata.to_pybytes(), message.type
        ):
            raise ScoreFileError("compressed Arrow is not taken: write it uncompressed, or as Parquet")
    yield from pa.ipc.open_stream(buffer)


def _is_compressed(metadata: bytes, kind: str) -> bool:
    header = _child(metadata, struct.unpack_from("<I", metadata)[0], 2)
    batch = header if kind == "record batch" else _child(metadata, header, 1)
    return _slot(metadata, batch, COMPRESSION) != 0


def _slot(data: bytes, table: int, number: int) -> int:
    """Where a flatbuffer table says its field of this number lies, from the table on; 0: it has none."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    size = struct.unpack_from("<H", data, vtable)[0]
    place = 4 + 2 * number
    return struct.unpack_from("<H", data, vtable + place)[0] if place < size else 0


def _child(data: bytes, table: int, number: int) -> int:
    at = table + _slot(data, table, number)
    return at + struct.unpack_from("<I", data, at)[0]


def read_parquet(stream: IO[bytes]) -> Iterator[Rows]:
    """The same columns from Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        there = [name for name in pq.read_schema(stream).names if name in (KEY, *TEXTS)]
        stream.seek(0)
        with pq.ParquetFile(stream, read_dictionary=there) as file:
            names = _wanted(file.schema_arrow)
            unpacked = sum(
                file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)
            )
            if unpacked > MOST_UNPACKED:
                raise ScoreFileError(f"{unpacked} bytes unpacked, at most {MOST_UNPACKED}")
            first = 1
            for batch in file.iter_batches(CHUNK_ROWS, columns=names):
                yield from _rows(batch, first)
                first += batch.num_rows
    except (pa.ArrowException, *BROKEN) as error:
        raise ScoreFileError(f"no sound Parquet file: {_one_line(error)}") from error


def _wanted(schema: Any) -> list[str]:
    """The columns to read, which must be of the right types."""
    import pyarrow as pa

    naming = naming_columns(schema.names)
    for name in (*naming, SCORE):
        if schema.names.count(name) != 1:
            raise ScoreFileError(f"one column {name!r} is needed; there is {', '.join(schema.names)[:200]}")
    for name in naming:
        _check_type(name, schema.field(name).type)
    score = schema.field(SCORE).type
    if not (pa.types.is_floating(score) or pa.types.is_integer(score) or pa.types.is_null(score)):
        raise ScoreFileError(f"column {SCORE!r} holds {score}, expected numbers")
    if STEP in schema.names and not pa.types.is_integer(schema.field(STEP).type):
        raise ScoreFileError(f"column {STEP!r} holds {schema.field(STEP).type}, expected whole numbers")
    return [*naming, *([STEP] if STEP in schema.names else []), SCORE]


def _check_type(name: str, kind: Any) -> None:
    import pyarrow as pa

    text = kind.value_type if pa.types.is_dictionary(kind) else kind
    if name in NUMBERS:
        if not pa.types.is_integer(kind):
            raise ScoreFileError(f"column {name!r} holds {kind}, expected whole numbers")
    elif not (pa.types.is_string(text) or pa.types.is_large_string(text)):
        raise ScoreFileError(f"column {name!r} holds {kind}, expected text")


def _rows(batch: Any, first: int) -> Iterator[Rows]:
    names = _wanted(batch.schema)
    for start in range(0, batch.num_rows, CHUNK_ROWS):
        part = batch.select(names).slice(start, CHUNK_ROWS)
        steps = _numbers(part, STEP, np.int64, -1, first + start) if STEP in names else np.full(len(part), -1)
        scores = _numbers(part, SCORE, np.float64, np.nan, first + start)
        yield Rows(first + start, _keys(part, first + start), steps, scores)


def _keys(part: Any, first: int) -> list[str]:
    named = {name: _values(name, part.column(name), first) for name in naming_columns(part.schema.names)}
    return keys_of(first, named)


def _values(name: str, column: Any, first: int) -> list[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count:
        raise ScoreFileError(f"row {first + column.is_null().index(True).as_py()}: no {name}")
    texts = column.dictionary if isinstance(column, pa.DictionaryArray) else column
    if name not in NUMBERS and (pc.max(pc.binary_length(texts)).as_py() or 0) > 4 * LONGEST_KEY:
        raise ScoreFileError(f"a {name} is longer than {LONGEST_KEY} characters")
    values: list[Any] = column.to_pylist()
    return values


def _numbers(part: Any, name: str, dtype: Any, otherwise: Any, first: int) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = part.column(name)
    if name == STEP and column.null_count:
        raise ScoreFileError(f"row {first + column.is_null().index(True).as_py()}: no step")
    filled = pc.cast(column, pa.from_numpy_dtype(dtype), safe=False).fill_null(otherwise)
    numbers: np.ndarray = filled.to_numpy(zero_copy_only=False)
    return numbers
