"""Arrow: an IPC stream of record batches, each readable as soon as it has come; and Parquet of the same batches."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import orjson

from project.exports.chunks import Cells, Chunk
from project.exports.columns import Column
from project.exports.drain import Drain
from project.exports.rows import Source
from project.ragged import Vectors
from project.renderers import OPTIONS, plain

END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
GROUP_BYTES = 16 << 20


def arrow(source: Source) -> Iterator[bytes]:
    """The messages of an IPC stream: the schema, a batch per chunk, the end."""
    import pyarrow as pa

    schema = schema_of(source.columns)
    drain = Drain()
    with pa.ipc.new_stream(pa.PythonFile(drain, mode="w"), schema) as writer:
        yield drain.taken()
        for chunk in source.chunks():
            writer.write_batch(batch_of(chunk, source.columns, schema))
            yield drain.taken()
    yield drain.taken()


def parquet(source: Source) -> Iterator[bytes]:
    """A Parquet file, a row group for each 16 MB of Arrow; its index comes last."""
    schema = schema_of(source.columns)
    yield from row_groups(schema, (batch_of(chunk, source.columns, schema) for chunk in source.chunks()))


def row_groups(schema: Any, batches: Iterable[Any]) -> Iterator[bytes]:
    """The Parquet file of record batches."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    drain = Drain()
    held: list[Any] = []
    with ParquetWriter(pa.PythonFile(drain, mode="w"), schema, compression="zstd") as writer:
        for batch in batches:
            held.append(batch)
            if sum(one.nbytes for one in held) >= GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(held, schema))
                held.clear()
                yield drain.taken()
        if held:
            writer.write_table(pa.Table.from_batches(held, schema))
    yield drain.taken()


def schema_of(columns: tuple[Column, ...]) -> Any:
    import pyarrow as pa

    types = {
        "whole": pa.int64(), "number": pa.float64(), "truth": pa.bool_(), "text": pa.string(), "json": pa.string(),
        "moment": pa.timestamp("us", "UTC"), "wholes": pa.list_(pa.int64()), "numbers": pa.list_(pa.float64()),
        "texts": pa.list_(pa.string()), "vector": pa.list_(pa.float64()),
    }  # fmt: skip
    return pa.schema([pa.field(column.name, types[column.kind]) for column in columns])


def batch_of(chunk: Chunk, columns: tuple[Column, ...], schema: Any) -> Any:
    """The record batch of a chunk."""
    import pyarrow as pa

    arrays, indices = [], {}
    for column in columns:
        cells = chunk.cells[column.name]
        array = _array(cells, column, schema.field(column.name).type)
        if isinstance(cells, Cells) and cells.places is not None:
            places = cells.places
            if id(places) not in indices:
                indices[id(places)] = pa.array(places, mask=places < 0 if places.min() < 0 else None)
            array = array.take(indices[id(places)])
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(cells: Cells | Vectors, column: Column, kind: Any) -> Any:
    """The values of a column; of ``Cells`` with places, those that these are places of."""
    import pyarrow as pa

    if isinstance(cells, Vectors):
        mask = pa.array(cells.missing) if cells.missing.any() else None
        return pa.ListArray.from_arrays(pa.array(cells.offsets, pa.int32()), _values(cells), mask=mask)
    if column.kind in ("text", "json"):
        return pa.array([None if value is None else as_text(value) for value in cells.values], kind)
    if column.kind == "number":
        with suppress(TypeError):  # some are missing
            return pa.array(np.fromiter(cells.values, np.float64, len(cells.values)))
    return pa.array(cells.values, kind)


def _values(vectors: Vectors) -> Any:
    """All values, in memory of Arrow's pool: what NumPy gives back goes to the system, which clears it each time."""
    import pyarrow as pa

    n = int(vectors.lengths.sum())
    memory = pa.allocate_buffer(8 * n)
    vectors.values(out=np.frombuffer(memory, "<f8"))
    return pa.Array.from_buffers(pa.float64(), n, [None, memory])


def as_text(value: Any) -> str:
    """A text as it is, any other value as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value, plain, OPTIONS).decode()
