"""From rows of a table, as the driver gives them, to the columns that a resource shows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import JSONField

from project.exports.chunks import Cells, Chunk, Values, plain_values
from project.exports.columns import Column
from project.exports.related import Related, column_of
from project.paths import field_at
from project.ragged import Vectors
from project.stored import converted, reader

Convert = Callable[[Any], Any]


class Reading:
    """How the ``columns`` of a resource are read; ``own`` are the columns that its table is asked for."""

    def __init__(self, resource: Any, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._paths = {column.name: resource.columns[column.name] for column in columns}
        self._related = Related(resource.model, self._paths.values())
        self._converters = {column.name: _converters(resource, column.name) for column in columns}
        self.own = [*dict.fromkeys(map(column_of, self._paths.values()))]

    def chunk(self, stored: Mapping[str, Values]) -> Chunk:
        """What is shown of some rows, of which the columns ``own`` are given."""
        related = self._related.of(stored)
        cells: dict[str, Cells | Vectors] = {}
        for column in self._columns:
            path = self._paths[column.name]
            values, places = related[path] if path in related else (stored[path], None)
            if column.kind == "vector":
                cells[column.name] = Vectors(plain_values(values))
                continue
            for convert in self._converters[column.name]:
                values = converted(plain_values(values), convert)
            cells[column.name] = Cells(values, places)
        return Chunk(len(next(iter(stored.values()))), cells)


def _converters(resource: Any, name: str) -> list[Convert]:
    """What makes the driver's value into what the resource shows; JSON stays the text it is, where it may."""
    field = field_at(resource.model, resource.columns[name])[0]
    shown = resource.values.get(name)
    if shown is None and isinstance(field, JSONField):
        return []
    return [convert for convert in (reader(field), shown) if convert is not None]
