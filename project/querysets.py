"""Reads that every app shares."""

from collections.abc import Callable
from typing import Any, Self

from django.db import models

from project.asked import plain
from project.models import SourceFile


def loading_file_ids() -> list[int]:
    """Ids of the files that are being loaded now: few, and mostly none."""
    loading = SourceFile.objects.filter(state=SourceFile.State.LOADING)
    return [pk for (pk,) in plain("loading", (), lambda: loading.values_list("id"))]


class FromLoading(models.Func):
    """Whether the file whose id is in a column is being loaded now; a row without a file never is.

    Every read asks this. As one expression it is an eighth of the time that Django takes to build a list's statement.
    """

    output_field = models.BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *named: Any, **extra: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.source_expressions[0])
        sql, values = from_loading(column, connection.ops.quote_name)
        return sql, [*params, *params, *values]


def from_loading(column: str, quote: Callable[[str], str]) -> tuple[str, list[str]]:
    """The SQL of ``FromLoading`` and its parameters."""
    meta: Any = SourceFile._meta
    table, key = quote(meta.db_table), quote(meta.get_field("id").column)
    state = quote(meta.get_field("state").column)
    loading = f"SELECT {key} FROM {table} WHERE {state} = %s"  # noqa: S608
    return f"({column} IS NOT NULL AND {column} IN ({loading}))", [SourceFile.State.LOADING.value]


class LoadedQuerySet(models.QuerySet):
    """Rows that came from a file (field ``file``); ``visible`` hides those whose file is not complete yet."""

    def visible(self) -> Self:
        """The files are asked for in the statement itself: between two statements a load could begin or end,
        and a reader would see half of it.
        """
        return self.exclude(FromLoading("file_id"))
