"""Rows read past the ORM's row loop: raw from the driver, then each column made into what it means at once."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import orjson
from django.db import connection
from django.db.models import JSONField, QuerySet
from django.db.models.expressions import Col

from project.bulk import raw_rows
from project.fields import VectorField
from project.paths import field_at
from project.vectors import decode

Reader = Callable[[Any], Any]


def rows_of(queryset: QuerySet, paths: Sequence[str]) -> list[tuple]:
    """The values at ``paths`` per row, as ``values_list`` gives them, but vectors of single precision as double."""
    unique = list(dict.fromkeys(paths))
    rows = raw_rows(queryset.values_list(*unique))
    if not rows:
        return []
    read = {path: reader(field_at(queryset.model, path)[0]) for path in unique}
    columns = {
        path: column if (convert := read[path]) is None else converted(column, convert)
        for path, column in zip(unique, zip(*rows, strict=True), strict=True)
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
