"""Rows read past the ORM's row loop: raw from the driver, then each column made into what it means at once."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from django.db import connection
from django.db.models import BooleanField, Func, JSONField, Model, QuerySet
from django.db.models.expressions import Col

from project.bulk import compiled, raw_rows, raw_rows_of
from project.fields import VectorField
from project.paths import field_at
from project.vectors import decode

Reader = Callable[[Any], Any]


PLACE = "/* ids */"


def rows_of(queryset: QuerySet, paths: Sequence[str]) -> list[tuple]:
    """The values at ``paths`` per row, as ``values_list`` gives them, but vectors of single precision as double."""
    unique = tuple(dict.fromkeys(paths))
    return _meant(raw_rows(queryset.values_list(*unique)), queryset.model, unique, paths)


def rows_among(ids: QuerySet, paths: Sequence[str], order: Sequence[str]) -> list[tuple]:
    """The same of the rows whose keys ``ids`` selects, in ``order``; one statement.

    All but the choice of the ids is the same from page to page, and Django builds it once.
    """
    chosen = compiled(ids)
    if chosen is None:
        return []
    unique = tuple(dict.fromkeys(paths))
    model: Any = ids.model
    around = _around(model, unique, tuple(order), connection.vendor)
    rows = raw_rows_of(around.replace(PLACE, chosen[0]), chosen[1])
    return _meant(rows, ids.model, unique, paths)


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


def _meant(
    rows: list[tuple], model: type[Model], unique: tuple[str, ...], paths: Sequence[str]
) -> list[tuple]:
    """Raw ``rows`` of the columns ``unique`` as rows of ``paths``, with the values that are meant."""
    if not rows:
        return []
    readers = [reader(field_at(model, path)[0]) for path in unique]
    columns = {
        path: column if convert is None else converted(column, convert)
        for path, convert, column in zip(unique, readers, zip(*rows, strict=True), strict=True)
    }
    return list(zip(*(columns[path] for path in paths), strict=True))


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


def exact_vector(blob: bytes | memoryview) -> np.ndarray:
    """A stored vector; single precision becomes double, for its shortest text would be another number to whoever
    reads it as double.
    """
    vector = decode(blob)
    return vector.astype("<f8") if vector.dtype == np.float32 else vector
