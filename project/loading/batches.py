"""A reader's records as batches that one short transaction can write."""

from collections.abc import Iterable, Iterator
from typing import Any

from project.loading.rows import PASSED, REASON, REJECTED, Problem, Row, Store
from project.records import BadRow, Passed

BATCH_ROWS = 2_000
BATCH_BYTES = 4 << 20

Batch = list[Row | Problem]


def prepared(store: Store, item: Any) -> Row | Problem:
    """The record as the store writes it, or why it cannot be written."""
    if isinstance(item, BadRow | Passed):
        kind = REJECTED if isinstance(item, BadRow) else PASSED
        return Problem(item.line, kind, item.reason[:REASON])
    try:
        return store.prepare(item)
    except ValueError as error:
        return Problem(item.line, REJECTED, str(error)[:REASON])


def batches(items: Iterable[Any], store: Store) -> Iterator[Batch]:
    """Batches of at most BATCH_ROWS rows and, but for its last row, BATCH_BYTES."""
    batch: Batch = []
    weight = 0
    for item in items:
        row = prepared(store, item)
        batch.append(row)
        weight += row.weight if isinstance(row, Row) else 0
        if len(batch) >= BATCH_ROWS or weight >= BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def rows_of(batch: Batch) -> list[Row]:
    return [item for item in batch if isinstance(item, Row)]
