"""Rows read past the ORM's row loop: raw from the driver, then each column made into what it means at once."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
import orjson
from django.db import connection
from django.db.models import BooleanField, Func, JSONField, Model, QuerySet
from django.db.models.expressions import Col

from project.bulk import Statement, raw_rows, raw_rows_of
from project.fields import VectorField
from project.paths import field_at
from project.vectors import DTYPES, decode, decode_matrix

Reader = Callable[[Any], Any]


PLACE = "/* ids */"


def rows_of(queryset: QuerySet, paths: Sequence[str]) -> list[tuple]:
    """The values at ``paths`` per row, as ``values_list`` gives them, but vectors of single precision as double."""
    unique = tuple(dict.fromkeys(paths))
    return meant(raw_rows(queryset.values_list(*unique)), queryset.model, unique, paths)


def rows_among(
    ids: Statement | None, model: type[Model], paths: Sequence[str], order: Sequence[str]
) -> list[tuple]:
    """The same of the rows whose keys the statement ``ids`` selects, in ``order``; one statement.

    All but the choice of the ids is the same from page to page, and Django builds it once.
    """
    if ids is None:
        return []
    unique = tuple(dict.fromkeys(paths))
    around = _around(model, unique, tuple(order), connection.vendor)
    return meant(raw_rows_of((around.replace(PLACE, ids[0]), ids[1])), model, unique, paths)


class _Among(Func):
    """Whether a column holds one of the keys that will be chosen at ``PLACE``."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *named: Any, **extra: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.source_expressions[0])
        return f"{column} IN ({PLACE})", params


@lru_cache(maxsize=256)
def _around(model: type[Model], paths: tuple[str, ...], order: tuple[str, ...], vendor: str) -> str:
    rows = model._default_manager.filter(_Among("pk")).order_by(*order).values_list(*paths)
    return str(rows.query.get_compiler(connection=connection).as_sql()[0])


def meant(
    rows: list[tuple], model: type[Model], unique: tuple[str, ...], paths: Sequence[str]
) -> list[tuple]:
    """Raw ``rows`` of the columns ``unique`` as rows of ``paths``, with the values that are meant."""
    if not rows:
        return []
    readers = _column_readers(model, unique, connection.vendor)
    columns = {
        path: column if read is None else read(column)
        for path, read, column in zip(unique, readers, zip(*rows, strict=True), strict=True)
    }
    return list(zip(*(columns[path] for path in paths), strict=True))


@lru_cache(maxsize=256)
def _column_readers(
    model: type[Model], paths: tuple[str, ...], vendor: str
) -> list[Callable[[Sequence[Any]], Sequence[Any]] | None]:
    return [_column_reader(field_at(model, path)[0]) for path in paths]


def _column_reader(field: Any) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """What makes the values of ``field`` out of the driver's; None where they are that already."""
    if isinstance(field, VectorField):
        return exact_vectors
    if isinstance(field, JSONField):
        return _parsed
    read = reader(field)
    return read and partial(converted, convert=read)


def _parsed(texts: Sequence[str | None]) -> list[Any]:
    """JSON; rows with the same text, as histograms of one element have, share what it says."""
    known = {text: orjson.loads(text) for text in set(texts) if text is not None}
    return [None if text is None else known[text] for text in texts]


def converted(values: Sequence[Any], convert: Reader) -> list[Any]:
    return [None if value is None else convert(value) for value in values]


def reader(field: Any) -> Reader | None:
    """What makes a value of ``field`` out of the driver's; None where that is the value already."""
    if isinstance(field, VectorField):
        return exact_vector
    if isinstance(field, JSONField):
        return orjson.loads
    column = Col("", field)
    found = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
    return _chained(found, column) if found else None


def _chained(converters: list[Any], column: Col) -> Reader:
    def read(value: Any) -> Any:
        for convert in converters:
            value = convert(value, column, connection)
        return value

    return read


def exact_vectors(blobs: Sequence[bytes | None]) -> list[np.ndarray | None]:
    """``exact_vector`` of each; those of one type and length are decoded in one piece."""
    kinds = {(len(blob), blob[-1]) if blob else None for blob in blobs}
    (kind,) = kinds if len(kinds) == 1 else (None,)
    if kind is None or kind[1] >= len(DTYPES):
        return [None if blob is None else exact_vector(blob) for blob in blobs]
    dtype = DTYPES[kind[1]]
    length = (kind[0] - 1) // dtype.itemsize
    return list(decode_matrix(blobs, length, "<f8" if dtype == np.float32 else dtype))  # type: ignore[arg-type]


def exact_vector(blob: bytes | memoryview) -> np.ndarray:
    """A stored vector; single precision becomes double, for its shortest text would be another number to whoever
    reads it as double.
    """
    vector = decode(blob)
    return vector.astype("<f8") if vector.dtype == np.float32 else vector
