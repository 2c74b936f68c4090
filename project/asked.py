"""Small questions that pages ask again and again with other values: Django builds the statement of each once.

``shape`` names the question and says all that its statement depends on but ``values``, which are the last parameters
of ``build()``: what ``project.shapes.statement`` asks for.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from project.bulk import raw_rows_of
from project.shapes import statement
from project.stored import meant

Build = Callable[[], QuerySet[Any, Any]]


def plain(shape: Hashable, values: Sequence[Any], build: Build, after: int = 0) -> list[tuple]:
    """Rows of a ``values_list`` as the driver gives them: numbers and texts, which mean what they are, JSON as text.

    ``after``: parameters that come behind ``values`` and are always the same.
    """
    return raw_rows_of(statement(("plain", shape), values, build, after))


def rows(
    shape: Hashable,
    values: Sequence[Any],
    build: Build,
    model: type[Model],
    paths: Sequence[str],
    most: int | None = None,
) -> list[tuple]:
    """The values at ``paths`` of the first rows of ``build()``, a queryset of ``model``."""
    paths = tuple(paths)
    ready = statement(("rows", model, paths, most, shape), values, lambda: build().values_list(*paths)[:most])
    return meant(raw_rows_of(ready), model, paths, paths)


def objects(
    shape: Hashable, values: Sequence[Any], build: Build, model: type[Any], without: Collection[str] = ()
) -> list[Any]:
    """The rows of ``build()`` themselves; what they relate to and the columns they are ``without``, once asked."""
    names = tuple(field.attname for field in model._meta.concrete_fields if field.name not in without)
    found = rows(shape, values, build, model, names)
    return [model.from_db(connection.alias, names, row) for row in found]


def one(
    shape: Hashable, values: Sequence[Any], build: Build, model: type[Any], without: Collection[str] = ()
) -> Any:
    """The only row of ``build()``; None where there is none."""
    return next(iter(objects(shape, values, lambda: build().order_by(), model, without)), None)


def by_key(model: type[Any], key: Any, without: Collection[str] = ()) -> Any:
    """The row of ``model`` with the primary key ``key``; None where there is none."""
    return one("key", (key,), lambda: model._default_manager.filter(pk=key), model, without)
