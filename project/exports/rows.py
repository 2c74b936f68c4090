"""The rows of a whole selection, in chunks: keyset batches, so that memory does not grow with what is exported."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from project.bulk import raw_parts
from project.exports.chunks import Cells, Chunk, Values, plain_values
from project.exports.columns import Column, columns_of
from project.exports.packed import Packed, Widths, unpacked, widths_of
from project.exports.reading import Reading
from project.query import Query
from project.selection import Selection
from project.stored import rows_of

FIRST_ROWS, MOST_ROWS, BATCH_BYTES = 256, 16_384, 4 << 20
ONE_BY_ONE = 4
"""Parts of a statement where the database hands over row by row, and none waits in memory."""
PART_ROWS = 8192
"""Rows that become columns together."""
FETCHED_ROWS = 256
"""Rows that the driver makes at once: few, so that the next are made where these were in memory."""
Columns = Mapping[str, Values]
"""Some rows, column by column."""
Read = Callable[[QuerySet, Sequence[str], int], Iterator[Columns]]
"""Gives the columns of some rows, in parts of about so many."""


class Selected:
    """The rows that ``query`` selects of a resource, read column by column."""

    def __init__(self, resource: Any, query: Query, selection: Selection) -> None:
        self.columns = columns_of(resource, query.fields)
        self._resource, self._selection, self._limit = resource, selection, query.limit

    def chunks(self, names: Sequence[str] | None = None) -> Iterator[Chunk]:
        """All rows in order, of all columns or of those ``names``; each call reads them anew."""
        wanted = [column for column in self.columns if names is None or column.name in names]
        reading = Reading(self._resource, wanted)
        widths = widths_of(self._resource.model, [*dict.fromkeys((*reading.own, *self._selection.order))])
        read = partial(_raw, widths=widths)
        parts = ONE_BY_ONE if connection.vendor == "sqlite" else 1
        for columns in batches(self._selection, reading.own, self._limit, read, parts):
            yield from reading.chunk(columns).pieces()

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
        unique = [*dict.fromkeys(paths)]
        for columns in batches(self._selection, unique, self._query.limit, _meant):
            rows = [*zip(*(columns[path] for path in unique), strict=True)]
            yield listed(self._resource.shaped(self._query, paths, rows), self.columns, names)

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


def _raw(rows: QuerySet, paths: Sequence[str], most: int, widths: Widths) -> Iterator[Columns]:
    """The values as the driver gives them; the keys that came packed as arrays."""
    plain = [path for path in paths if path not in dict(widths)]
    asked = [*plain, Packed(widths)] if widths else plain
    for columns in _gathered(rows.values_list(*asked), min(most, PART_ROWS)):
        keys: Columns = unpacked(columns.pop(), widths) if widths else {}
        yield {**keys, **dict(zip(plain, columns, strict=True))}


def _gathered(rows: QuerySet, most: int) -> Iterator[list[list[Any]]]:
    """The columns of ``rows``, in parts of at most ``most``."""
    columns: list[list[Any]] = []
    for fetched in raw_parts(rows, min(FETCHED_ROWS, most)):
        columns = columns or [[] for _ in fetched[0]]
        for place, column in enumerate(columns):
            column.extend(map(itemgetter(place), fetched))
        if len(columns[0]) + FETCHED_ROWS > most:
            yield columns
            columns = []
    if columns:
        yield columns


def _meant(rows: QuerySet, paths: Sequence[str], most: int) -> Iterator[Columns]:
    if found := rows_of(rows, paths):
        yield dict(zip(paths, zip(*found, strict=True), strict=True))


def batches(
    selection: Selection, paths: Sequence[str], limit: int | None, read: Read, parts: int = 1
) -> Iterator[Columns]:
    """Statement after statement, each beginning after the last row of the one before; ``read`` gives its rows in
    about so many ``parts``, of the columns ``paths`` and perhaps more. Where rows are large, a part has few.
    """
    asked = [*dict.fromkeys((*paths, *selection.order))]
    begin = selection.start.values if selection.start else None
    size, left = FIRST_ROWS, limit
    while left is None or left > 0:
        wanted = size * parts if left is None else min(size * parts, left)
        got = 0
        columns: Columns = {}
        for columns in read(selection.beyond(begin)[:wanted], asked, size):
            got += len(columns[asked[0]])
            yield columns
        if got < wanted:
            return
        begin = [value for path in selection.order for value in plain_values(columns[path][-1:])]
        left = None if left is None else left - got
        size = _next_size(columns, got)


def _next_size(columns: Columns, got: int) -> int:
    samples = [values[:: max(1, len(values) // 64)] for values in columns.values()]
    per_row = sum(sum(map(_size, sample)) / len(sample) for sample in samples)
    return max(16, min(MOST_ROWS, 4 * got, int(BATCH_BYTES / max(per_row, 1))))


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    return len(value) if isinstance(value, bytes | memoryview | str) else 8
