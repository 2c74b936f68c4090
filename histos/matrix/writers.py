"""A matrix as bytes of a file, made while they are sent."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import orjson

from histos.matrix.contents import Block, Contents
from project.exports.arrow import END_OF_STREAM, row_groups
from project.exports.npz import Archive

DESCRIPTION = "lumisift"
"""Where Arrow and Parquet keep the description, in the metadata of their schema."""


def npz(matrix: Contents) -> Iterator[bytes]:
    """``counts`` (rows, y, x) with flow bins, ``entries``, ``run``, ``lumisection``, ``edges_x``, ``description``."""
    archive = Archive()
    entries = [np.zeros(0)]

    def counts() -> Iterator[np.ndarray]:
        for block in matrix.blocks():
            entries.append(block.entries)
            yield block.counts

    rows = len(matrix.runs)
    yield from archive.array("counts", matrix.dtype, (rows, *matrix.shape), counts())
    said = orjson.dumps(matrix.description).decode()
    whole, text = np.dtype("<i8"), np.array(said)
    yield from archive.array("entries", np.dtype("<f8"), (rows,), iter([np.concatenate(entries)]))
    yield from archive.array("run", whole, (rows,), iter([matrix.runs]))
    for name, values in {"lumisection": matrix.lumisections, **matrix.further}.items():
        yield from archive.array(name, whole, (rows,), iter([values]))
    for name, values in matrix.edges.items():
        yield from archive.array(name, values.dtype, values.shape, iter([values]))
    yield from archive.array("description", text.dtype, (), iter([text]))
    yield archive.closed()


def arrow(matrix: Contents) -> Iterator[bytes]:
    """An IPC stream, a batch per block, the counts as lists of one fixed size."""
    yield arrow_begin(matrix)
    for block in matrix.blocks():
        yield arrow_batch(matrix, block)
    yield END_OF_STREAM


def arrow_begin(matrix: Contents) -> bytes:
    return bytes(schema_of(matrix).serialize())


def arrow_batch(matrix: Contents, block: Block) -> bytes:
    return bytes(batch_of(matrix, block).serialize())


def schema_of(matrix: Contents) -> Any:
    import pyarrow as pa

    values = pa.from_numpy_dtype(matrix.dtype)
    fields = [
        pa.field("run", pa.int64()), pa.field("lumisection", pa.int64()), pa.field("entries", pa.float64()),
        pa.field("counts", pa.list_(values, int(np.prod(matrix.shape)))),
        *(pa.field(name, pa.int64()) for name in matrix.further),
    ]  # fmt: skip
    return pa.schema(fields, {DESCRIPTION: orjson.dumps(matrix.description)})


def batch_of(matrix: Contents, block: Block) -> Any:
    """The record batch of a block."""
    import pyarrow as pa

    counts = pa.FixedSizeListArray.from_arrays(pa.array(block.counts.reshape(-1)), block.counts.shape[1])
    columns = [pa.array(one) for one in (block.runs, block.lumisections, block.entries)]
    further = [pa.array(one, pa.int64()) for one in block.further.values()]
    return pa.RecordBatch.from_arrays([*columns, counts, *further], schema=schema_of(matrix))


def parquet(matrix: Contents) -> Iterator[bytes]:
    """The same columns, a row group for each 16 MB; its index comes last."""
    yield from row_groups(schema_of(matrix), (batch_of(matrix, block) for block in matrix.blocks()))


def comma(matrix: Contents) -> Iterator[bytes]:
    """A column for each cell, ``bin_0`` (underflow) on, of maps ``bin_<y>_<x>``; a missing histogram is ``nan``."""
    cells = [f"bin_{'_'.join(map(str, place))}" for place in np.ndindex(*matrix.shape)]
    yield (",".join(["run", "lumisection", "entries", *matrix.further, *cells]) + "\r\n").encode()
    for block in matrix.blocks():
        whole = [block.runs, block.lumisections, *block.further.values()]
        run, lumisection, *further = (map(str, one.tolist()) for one in whole)
        columns = (run, lumisection, _texts(block.entries[:, None]), *further, _texts(block.counts))
        yield "".join(f"{line}\r\n" for line in map(",".join, zip(*columns, strict=True))).encode()


def _texts(values: np.ndarray) -> list[str]:
    """A text per row, as short as it can be and exact."""
    if not np.isfinite(values).all():
        return [",".join(map(_text, row)) for row in values.tolist()]
    whole = values.astype(np.int64) if np.abs(values).max(initial=0) < 1 << 53 else values
    shown = whole if np.array_equal(whole, values) else values
    told = orjson.dumps(np.ascontiguousarray(shown), option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return told[2:-2].split("],[") if len(values) else []


def _text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)


WRITERS: dict[str, Callable[[Contents], Iterator[bytes]]] = {
    "npz": npz, "parquet": parquet, "arrow": arrow, "csv": comma,
}  # fmt: skip
"""By name; their media types and endings are those of ``project.exports.FORMATS``."""
