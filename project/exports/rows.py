"""The rows of a whole selection, in chunks: keyset batches, so that memory does not grow with what is exported."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from django.db.models import QuerySet

from project.bulk import raw_parts
from project.exports.chunks import Cells, Chunk
from project.exports.columns import Column, columns_of
from project.exports.reading import Reading
from project.query import Query
from project.selection import Selection
from project.stored import rows_of

FIRST_ROWS, MOST_ROWS, BATCH_BYTES = 256, 16_384, 4 << 20
PART_ROWS = 4096
Rows = list[tuple]


class Selected:
    """The rows that ``query`` selects of a resource, read column by column."""

    def __init__(self, resource: Any, query: Query, selection: Selection) -> None:
        self.columns = columns_of(resource, query.fields)
        self._resource, self._selection, self._limit = resource, selection, query.limit

    def chunks(self, names: Sequence[str] | None = None) -> Iterator[Chunk]:
        """All rows in order, of all columns or of those ``names``; each call reads them anew."""
        wanted = [column for column in self.columns if names is None or column.name in names]
        reading = Reading(self._resource, wanted)
        for rows in batches(self._selection, reading.own, self._limit, _raw):
            yield from reading.chunk(rows).pieces()

    def in_common(self, texts: dict[str, str]) -> dict[str, np.ndarray]:
        """Arrays that say more of what all rows share; ``texts`` are the columns that have one value."""
        return self._resource.in_common(texts)


class Shaped:
    """Rows one by one as a resource shows them, whose own ``shape`` may hide what nobody is to see."""

    def __init__(self, resource: Any, query: Query, selection: Selection) -> None:
        self.columns = tuple(column.of_values() for column in columns_of(resource, query.fields))
        self._resource, self._query, self._selection = resource, query, selection

    def chunks(self, names: Sequence[str] | None = None) -> Iterator[Chunk]:
        paths = [self._resource.columns[name] for name in self._query.fields]
        for rows in batches(self._selection, [*dict.fromkeys(paths)], self._query.limit, _meant):
            shown = self._resource.shaped(self._query, paths, [row[: len(set(paths))] for row in rows])
            yield listed(shown, self.columns, names)

    def in_common(self, texts: dict[str, str]) -> dict[str, np.ndarray]:
        return self._resource.in_common(texts)


class Listed:
    """Things that are in memory anyway."""

    def __init__(self, resource: Any, query: Query, things: list[dict[str, Any]]) -> None:
        self.columns = columns_of(resource, query.fields)
        self._things = things

    def chunks(self, names: Sequence[str] | None = None) -> Iterator[Chunk]:
        if self._things:
            yield listed(self._things, self.columns, names)

    def in_common(self, texts: dict[str, str]) -> dict[str, np.ndarray]:
        return {}


Source = Selected | Shaped | Listed


def listed(rows: list[dict[str, Any]], columns: Iterable[Column], names: Sequence[str] | None) -> Chunk:
    """A chunk of rows that are dicts."""
    wanted = [column.name for column in columns if names is None or column.name in names]
    return Chunk(len(rows), {name: Cells([row[name] for row in rows]) for name in wanted})


def _raw(rows: QuerySet, paths: Sequence[str]) -> Iterator[Rows]:
    return raw_parts(rows.values_list(*paths), PART_ROWS)


def _meant(rows: QuerySet, paths: Sequence[str]) -> Iterator[Rows]:
    if found := rows_of(rows, paths):
        yield found


def batches(
    selection: Selection,
    paths: Sequence[str],
    limit: int | None,
    read: Callable[[QuerySet, Sequence[str]], Iterator[Rows]],
) -> Iterator[Rows]:
    """Statement after statement, each beginning after the last row of the one before; ``read`` gives its rows in
    parts. A row holds the values of ``paths``, which are different, and perhaps more. Where rows are large, a statement
    asks for few.
    """
    columns = [*dict.fromkeys((*paths, *selection.order))]
    key = [columns.index(column) for column in selection.order]
    begin = selection.start.values if selection.start else None
    size, left = FIRST_ROWS, limit
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        got, rows = 0, []
        for rows in read(selection.beyond(begin)[:wanted], columns):
            got += len(rows)
            yield rows
        if got < wanted:
            return
        begin = [rows[-1][place] for place in key]
        left = None if left is None else left - got
        size = _next_size(rows, got)


def _next_size(rows: Rows, got: int) -> int:
    sample = rows[:: max(1, len(rows) // 64)]
    per_row = sum(_size(value) for row in sample for value in row) / len(sample)
    return max(16, min(MOST_ROWS, 4 * got, int(BATCH_BYTES / max(per_row, 1))))


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    return len(value) if isinstance(value, bytes | memoryview | str) else 8
