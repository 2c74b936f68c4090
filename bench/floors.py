"""Floors: the least that the same work costs in plain Python, without a check, a name or a framework.

They write the same bytes in batches of the same size under the same unique index, and read the same file.
"""

import bz2
import csv
import gzip
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

csv.field_size_limit(1 << 28)

BATCH_ROWS, BATCH_BYTES = 2_000, 4 << 20  # as project.loading has them
PRAGMAS = """PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;
PRAGMA mmap_size=268435456;"""
UINT16 = bytes((7,))  # the tag of a stored vector of this type
Encode = Callable[[array], bytes]


class Table(NamedTuple):
    """A table of a floor: columns with their types on SQLite and PostgreSQL, and what is unique."""

    columns: tuple[str, ...]
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]
    unique: tuple[str, ...]


HISTOGRAMS = Table(
    ("lumisection_id", "dataset_id", "element_id", "entries", "file_id", "counts"),
    ("bigint", "bigint", "bigint", "real", "bigint", "blob"),
    ("int8", "int8", "int8", "float8", "int8", "bytea"),
    ("lumisection_id", "dataset_id", "element_id"),
)
SOURCES = Table(
    ("catalog_id", "name", "ra", "dec", "mag", "attributes", "file_id"),
    ("bigint", "varchar(200)", "real", "real", "real", "text", "bigint"),
    ("int8", "text", "float8", "float8", "float8", "jsonb", "int8"),
    ("catalog_id", "name"),
)


def as_uint16(counts: array) -> bytes:
    return counts.tobytes() + UINT16


def histogram_rows(path: Path, encode: Encode) -> Iterator[tuple]:
    """Rows of an ML4DQM CSV by csv and orjson, ids counted up by a dict; no count is above 65,535."""
    things: dict[Any, int] = {}
    elements: dict[str, int] = {}
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", newline="") as file:
        reader = csv.reader(file)
        head = next(reader)
        run, lumi, name, histo, entries = map(
            head.index, ("fromrun", "fromlumi", "hname", "histo", "entries")
        )
        for row in reader:
            thing = things.setdefault((row[run], row[lumi]), len(things) + 1)
            element = elements.setdefault(row[name], len(elements) + 1)
            blob = encode(array("H", orjson.loads(row[histo])))
            yield thing, 1, element, float(row[entries]), 1, blob


def source_rows(path: Path, columns: tuple[str, ...], texts: frozenset[str]) -> Iterator[tuple]:
    """Rows of the OGLE-III catalogue: split, numbers, orjson."""
    named = [(at, name) for at, name in enumerate(columns) if name in texts]
    measured = [(at, name) for at, name in enumerate(columns[:-1]) if at >= 12]
    with bz2.open(path, "rt") as file:
        for line in islice(file, 7, None):
            cells = line.rstrip("\n").split("\t")
            values: dict[str, Any] = {name: cells[at] for at, name in named if cells[at] != "-99.99"}
            for at, name in measured:
                if cells[at] != "-99.99":
                    values[name] = float(cells[at])
            if "V" in values and "I" in values:
                values["V-I"] = round(values["V"] - values["I"], 3)
            attributes = orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()
            yield 1, cells[0], float(cells[5]) * 15, float(cells[6]), values.get("I"), attributes, 1


def batches(rows: Iterable[tuple], size: Callable[[tuple], int]) -> Iterator[list[tuple]]:
    batch: list[tuple] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += size(row)
        if len(batch) >= BATCH_ROWS or weight >= BATCH_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def open_sqlite(path: Path, table: Table) -> sqlite3.Connection:
    """A new file with the table in it."""
    for side in ("", "-wal", "-shm"):
        Path(f"{path}{side}").unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(table.columns, table.sqlite, strict=True))
    connection.executescript(
        f"{PRAGMAS} CREATE TABLE floor (id integer PRIMARY KEY AUTOINCREMENT, {columns});"
        f"CREATE UNIQUE INDEX floor_once ON floor ({', '.join(table.unique)})"
    )
    return connection


def insert_sqlite(connection: sqlite3.Connection, table: Table, rows: Iterable[tuple]) -> None:
    names, marks = ", ".join(table.columns), ", ".join("?" * len(table.columns))
    for batch in batches(rows, lambda row: len(row[5])):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO floor ({names}) VALUES ({marks})", batch)  # noqa: S608
        connection.execute("COMMIT")


def open_postgres(url: str, table: Table) -> Any:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(table.columns, table.postgresql, strict=True))
    connection.execute("DROP TABLE IF EXISTS floor")
    connection.execute(f"CREATE TABLE floor (id bigserial PRIMARY KEY, {columns})")
    connection.execute(f"CREATE UNIQUE INDEX floor_once ON floor ({', '.join(table.unique)})")
    return connection


def copy_postgres(connection: Any, table: Table, rows: Iterable[tuple]) -> None:
    statement = f"COPY floor ({', '.join(table.columns)}) FROM STDIN (FORMAT BINARY)"
    for batch in batches(rows, lambda row: len(row[5])):
        with connection.transaction(), connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(table.postgresql)
            for row in batch:
                copy.write_row(_with_json(table, row))


def _with_json(table: Table, row: tuple) -> tuple:
    """Text of JSON as it is."""
    if "jsonb" not in table.postgresql:
        return row
    from psycopg.types.json import Jsonb

    at = table.postgresql.index("jsonb")
    return *row[:at], Jsonb(row[at], dumps=lambda text: text), *row[at + 1 :]
