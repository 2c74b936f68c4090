"""A matrix as a file on disk: there whole or not at all, continued where it was killed, with its SHA-256 beside it.

What was read waits as an Arrow stream in ``<file>.part``. It begins with the description, and with it the hash of the
rows chosen: a part of other rows is begun anew. Whole, it is written in the format asked for under another name, and
renamed.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from histos.matrix.contents import Block, Stored
from histos.matrix.writers import WRITERS, arrow_batch, arrow_begin
from project.errors import UserError
from project.jobs.reporter import Reporter, Share

READING = 0.8
"""Share of the work that reading is."""


@dataclass
class Kept:
    """The contents of a finished part, read from disk as it is written out."""

    matrix: Stored
    path: Path

    def __getattr__(self, name: str) -> Any:
        return getattr(self.matrix, name)

    def blocks(self) -> Iterator[Block]:
        import pyarrow as pa

        with pa.OSFile(str(self.path)) as source:
            for batch in pa.ipc.open_stream(source):
                run, lumisection, entries, counts = (batch.column(place) for place in range(4))
                matrix = counts.values.to_numpy().reshape(batch.num_rows, -1)
                yield Block(run.to_numpy(), lumisection.to_numpy(), entries.to_numpy(), matrix)


def write_matrix(
    matrix: Stored, path: Path, format_: str, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Writes all rows of ``matrix`` to ``path``; returns counts and the SHA-256.

    Raises UserError where the disk refuses, RowsChanged where rows are replaced meanwhile; what was read stays as a
    part, for the next time.
    """
    reporter = reporter or Reporter()
    part = path.with_name(f"{path.name}.part")
    try:
        known = _read_into(part, matrix, Share(reporter, 0.0, READING, path.name))
        reporter.update(READING, f"writing {path.name}")
        digest = _write(Kept(matrix, part), path, format_)
        part.unlink()
    except OSError as error:
        raise UserError(f"{error.filename or path}: {error.strerror or error}") from error
    return {
        "rows": len(matrix.plan), "missing": matrix.plan.n_missing, "known": known, "bytes": path.stat().st_size,
        "sha256": digest, "selection": matrix.plan.selection, "path": str(path),
    }  # fmt: skip


def _read_into(part: Path, matrix: Stored, reporter: Reporter) -> int:
    """Fills the part; returns how many rows it had already."""
    head = arrow_begin(matrix)
    known, end = whole_rows(part, head)
    if not end:
        part.write_bytes(head)
    else:
        os.truncate(part, end)
    rows, total = known, len(matrix.plan)
    with part.open("ab") as file:
        for block in Stored(matrix.choice, matrix.plan.part(known, total), matrix.dtype).blocks():
            file.write(arrow_batch(matrix, block))
            rows += len(block.runs)
            reporter.update(rows / total, "reading", rows=rows)
        _kept_for_good(file)
    return known


def whole_rows(part: Path, head: bytes) -> tuple[int, int]:
    """Rows of the whole batches of a part that begins with ``head``, and where they end; (0, 0): it is of others."""
    import pyarrow as pa

    if not part.exists():
        return 0, 0
    with pa.OSFile(str(part)) as source:
        if source.read(len(head)) != head:
            return 0, 0
        rows, end = 0, len(head)
        schema = pa.ipc.read_schema(pa.py_buffer(head))
        while True:
            try:
                batch = pa.ipc.read_record_batch(pa.ipc.read_message(source), schema)
            except (pa.ArrowException, OSError, EOFError):
                return rows, end
            rows, end = rows + batch.num_rows, source.tell()


def _kept_for_good(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _write(matrix: Any, path: Path, format_: str) -> str:
    """The file in its format, under its name only when it is whole; returns its SHA-256."""
    digest = hashlib.sha256()
    made = path.with_name(f"{path.name}.new")
    with made.open("wb") as file:
        for data in WRITERS[format_](matrix):
            file.write(data)
            digest.update(data)
        _kept_for_good(file)
    made.replace(path)
    beside = path.with_name(f"{path.name}.sha256")
    beside.with_name(f"{beside.name}.new").write_text(f"{digest.hexdigest()}  {path.name}\n")
    beside.with_name(f"{beside.name}.new").replace(beside)
    return digest.hexdigest()
