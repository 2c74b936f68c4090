"""Inserting many rows at the speed of the database: ``executemany`` on SQLite, binary COPY on PostgreSQL."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

AT_ONCE = 500  # rows of a statement


def insert(model: type[models.Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert ``rows`` (values in the order of ``fields``, as the driver takes them: bytes, not arrays).

    Raises IntegrityError, with nothing inserted, when a row breaks a constraint; call it inside a
    transaction.
    """
    if not rows:
        return
    columns = [model._meta.get_field(name) for name in fields]
    if connection.vendor == "postgresql":
        _copy(model, columns, rows)
    else:
        _executemany(model, columns, rows)


def insert_missing(model: type[models.Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert those of ``rows`` that break no unique constraint."""
    columns = [model._meta.get_field(name) for name in fields]
    if connection.vendor != "postgresql":
        _executemany(model, columns, rows, " ON CONFLICT DO NOTHING")
        return
    marks = f"({', '.join(['%s'] * len(columns))})"
    # One statement of many rows: PostgreSQL plans each statement anew, which takes longer than its row.
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            statement = (
                f"{_insert_into(model, columns)} {', '.join([marks] * len(part))} ON CONFLICT DO NOTHING"
            )
            cursor.execute(statement, [value for row in part for value in row])


def _insert_into(model: type[models.Model], columns: list[Any]) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(column.column) for column in columns)
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES"


def _executemany(
    model: type[models.Model], columns: list[Any], rows: Sequence[Sequence[Any]], conflict: str = ""
) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"{_insert_into(model, columns)} ({marks}){conflict}", rows)


def update(model: type[models.Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set ``fields`` of rows by primary key: each of ``rows`` holds the values and, last, the key."""
    quote = connection.ops.quote_name
    meta: Any = model._meta
    settings = ", ".join(f"{quote(meta.get_field(name).column)} = %s" for name in fields)
    key = quote(meta.pk.column)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(meta.db_table)} SET {settings} WHERE {key} = %s", rows)  # noqa: S608


def _copy(model: type[models.Model], columns: list[Any], rows: Iterable[Sequence[Any]]) -> None:
    from psycopg import sql

    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(sql.Identifier(c.column) for c in columns)
    )
    types = [_type(column) for column in columns]
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(statement) as copy,
    ):
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


NAMES = {
    "bigint": "int8",
    "integer": "int4",
    "smallint": "int2",
    "double precision": "float8",
    "boolean": "bool",
}


def _type(column: models.Field) -> str:
    name = (column.db_type(connection) or "").split("(")[0].split(" GENERATED")[0]
    if name == "timestamp with time zone":
        return "timestamptz"
    return NAMES.get(name, {"varchar": "text"}.get(name, name))


def jsonb(text: bytes | str) -> Any:
    """Already serialised JSON as a parameter for a JSONField column."""
    return json_parameter()(text)


def json_parameter() -> Callable[[bytes | str], Any]:
    """``jsonb`` for many texts: the database is asked once what it is."""
    if connection.vendor != "postgresql":
        return lambda text: text if isinstance(text, str) else text.decode()
    from psycopg.types.json import Jsonb

    return lambda text: Jsonb(text if isinstance(text, str) else text.decode(), dumps=str)


def timestamp(value: Any) -> Any:
    """A datetime as a parameter for a DateTimeField column."""
    return connection.ops.adapt_datetimefield_value(value) if connection.vendor == "sqlite" else value


Statement = tuple[str, Sequence[Any]]
"""SQL and its parameters."""


def raw_rows(queryset: models.QuerySet) -> list[tuple]:
    """Rows of a ``values_list`` queryset as the driver gives them: vectors as bytes, JSON as text."""
    return raw_rows_of(compiled(queryset))


def raw_rows_of(statement: Statement | None) -> list[tuple]:
    """The same of a statement; none where it is None."""
    if statement is None:
        return []
    with _raw_result(*statement) as cursor:
        return list(cursor.fetchall())


def raw_parts(queryset: models.QuerySet, size: int) -> Iterator[list[tuple]]:
    """The same rows in lists of at most ``size``, which SQLite reads from its file one by one."""
    statement = compiled(queryset)
    if statement is None:
        return
    with _raw_result(*statement) as cursor:
        fetch = cursor.fetchmany  # Django wraps it anew each time that it is asked for
        while rows := fetch(size):
            yield rows


def compiled(queryset: models.QuerySet) -> Statement | None:
    """The statement of ``queryset`` and its parameters; None where there can be no rows."""
    try:
        return queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None


@contextmanager
def _raw_result(sql: str, params: Sequence[Any]) -> Iterator[Any]:
    """A cursor with the result."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor.execute(sql, params)
        return
    from psycopg import Cursor
    from psycopg.rows import tuple_row

    connection.ensure_connection()
    plain: Any = connection.connection
    plain.adapters.register_loader("jsonb", _json_loader())
    # Django's own cursors bind parameters on this side, and such ones cannot fetch binary values.
    with connection.wrap_database_errors, Cursor(plain, row_factory=tuple_row) as cursor:
        began = time.monotonic()
        yield cursor.execute(sql, params, binary=True)
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "time": f"{time.monotonic() - began:.3f}"})


@cache
def _json_loader() -> type:
    from psycopg.adapt import Loader
    from psycopg.pq import Format

    class JsonText(Loader):
        """The text of a jsonb value, which is sent after a byte that tells its version."""

        format = Format.BINARY

        def load(self, data: Any) -> str:
            return bytes(data[1:]).decode()

    return JsonText
