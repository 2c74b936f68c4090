"""A reader's records as batches that one short transaction can write."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

from project.loading.rows import PASSED, REASON, REJECTED, Problem, Row, Store
from project.records import BadRow, Passed

BATCH_ROWS = 2_000
BATCH_BYTES = 4 << 20
TOGETHER_ROWS, TOGETHER_BYTES = 256, 1 << 20
"""So much is read before it is prepared, by a store that prepares many records at once."""

TOLD = (BadRow, Passed)
Batch = list[Row | Problem]


def prepared(store: Store, item: Any) -> Row | Problem:
    """The record as the store writes it, or why it cannot be written."""
    if isinstance(item, TOLD):
        kind = REJECTED if isinstance(item, BadRow) else PASSED
        return Problem(item.line, kind, item.reason[:REASON])
    try:
        return store.prepare(item)
    except ValueError as error:
        return Problem(item.line, REJECTED, str(error)[:REASON])


def _prepared(items: Iterable[Any], store: Store) -> Iterator[Row | Problem]:
    """What becomes of ``items``, in their order."""
    size = getattr(store, "size", None)
    if size is None:
        for item in items:
            yield prepared(store, item)
        return
    held: list[Any] = []
    left = TOGETHER_BYTES
    for item in items:
        held.append(item)
        left -= 0 if isinstance(item, TOLD) else size(item)
        if left <= 0 or len(held) == TOGETHER_ROWS:
            yield from _together(held, store)
            held, left = [], TOGETHER_BYTES
    yield from _together(held, store)


def _together(items: Sequence[Any], store: Any) -> list[Row | Problem]:
    """All at once, or one by one to learn which is not as it should be."""
    records = [item for item in items if not isinstance(item, TOLD)]
    try:
        rows = store.prepare_all(records)
    except ValueError:
        return [prepared(store, item) for item in items]
    if len(records) == len(items):
        return rows
    good = iter(rows)
    return [prepared(store, item) if isinstance(item, TOLD) else next(good) for item in items]


def batches(items: Iterable[Any], store: Store) -> Generator[Batch, None, None]:
    """Batches of at most BATCH_ROWS rows and, but for its last row, BATCH_BYTES."""
    batch: Batch = []
    weight = 0
    for row in _prepared(items, store):
        batch.append(row)
        weight += row.weight if isinstance(row, Row) else 0
        if len(batch) >= BATCH_ROWS or weight >= BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def rows_of(batch: Batch) -> list[Row]:
    return [item for item in batch if isinstance(item, Row)]
