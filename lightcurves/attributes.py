"""Attributes of sources out of the database, many rows at once: the database takes them out of its JSON."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import orjson
from django.db.models import Exists, Func, OuterRef, QuerySet, TextField, Value

from project import bulk

CHUNK_ROWS = 100_000


class AttributeValues(Func):
    """The values of these keys of ``attributes`` as one JSON array, null where one is missing."""

    output_field = TextField()

    def __init__(self, *names: str) -> None:
        super().__init__("attributes")
        self.names = names

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple]:
        # One path alone would give the bare value instead of an array.
        names = self.names if len(self.names) > 1 else self.names * 2
        column, params = compiler.compile(self.source_expressions[0])
        paths = [f"$.{json.dumps(name, ensure_ascii=False)}" for name in names]
        return f"JSON_EXTRACT({column}{', %s' * len(paths)})", (*params, *paths)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple]:
        column, params = compiler.compile(self.source_expressions[0])
        values = ", ".join([f"{column} -> %s::text"] * len(self.names))
        return f"JSONB_BUILD_ARRAY({values})::text", tuple(
            part for name in self.names for part in (*params, name)
        )


Chunk = tuple[str, list[tuple], str]


def chunks(sources: QuerySet, fields: Sequence[str], names: Sequence[str]) -> Iterator[Chunk]:
    """Catalogue, rows of name and ``fields``, and as one JSON the attributes ``names`` of the same sources.

    Catalogue by catalogue in order of names, as their index lies: nothing is sorted, memory is bounded.
    """
    values = AttributeValues(*names) if names else Value("[]")
    for catalog_id, catalog in _catalogs(sources):
        rows = sources.filter(catalog_id=catalog_id).order_by("name").values_list(values, "name", *fields)
        found = bulk.raw_rows(rows[:CHUNK_ROWS])
        while found:
            yield catalog, [row[1:] for row in found], f"[{','.join([row[0] for row in found])}]"
            if len(found) < CHUNK_ROWS:
                break
            found = bulk.raw_rows(rows.filter(name__gt=found[-1][1])[:CHUNK_ROWS])


def _catalogs(sources: QuerySet) -> list[tuple[int, str]]:
    """Those that hold any of the sources."""
    catalogs = sources.model._meta.get_field("catalog").related_model.objects
    held = catalogs.filter(Exists(sources.filter(catalog_id=OuterRef("pk"))))
    return list(held.order_by("name").values_list("pk", "name"))


def as_numbers(rows: list[list[Any]], names: Sequence[str]) -> np.ndarray:
    """(n, names) float64, NaN where a value is missing; ValueError names an attribute that holds text."""
    if str in set(map(type, chain.from_iterable(rows))):
        cells = (pair for row in rows for pair in zip(names, row, strict=True))
        name, text = next((name, cell) for name, cell in cells if isinstance(cell, str))
        raise ValueError(f"attribute {name!r} holds text, such as {text[:40]!r}, not numbers")
    return np.array(rows, dtype=float)


def as_labels(cells: list[Any]) -> list[str]:
    """Each as text, "" where it is missing."""
    return [
        cell if isinstance(cell, str) else "" if cell is None else orjson.dumps(cell).decode()
        for cell in cells
    ]
