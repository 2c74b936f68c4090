"""Statements that come again with other values: Django builds each once, which takes longer than most of them run."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from project.bulk import Statement, compiled

MOST_KEPT = 512
PLAIN = (int, str, float)
_kept: dict[Hashable, tuple[str, tuple[Any, ...], tuple[Any, ...]]] = {}


Known = tuple[Hashable, tuple[Any, ...]]
"""The shape of a queryset, and the values in it."""


def known(queryset: QuerySet, shape: Hashable, *values: Any) -> QuerySet:
    """``queryset``, of which the shape is known; what is made of it loses that."""
    queryset.known = (shape, values)  # type: ignore[attr-defined]
    return queryset


def known_of(queryset: QuerySet) -> Known:
    """What was said of it."""
    return queryset.known  # type: ignore[attr-defined]


def flat(terms: Iterable[tuple[str, Any]]) -> tuple[list[Hashable], list[Any]] | None:
    """The shape of what ``filter`` is given, and the values in it; None where that of a queryset is not known."""
    shape: list[Hashable] = []
    values: list[Any] = []
    for name, value in terms:
        found: Known | None = (), (value,)
        if isinstance(value, list):
            different = tuple(dict.fromkeys(value))
            found = len(different), different
        elif isinstance(value, QuerySet):
            found = getattr(value, "known", None)
        if found is None:
            return None
        shape.append((name, found[0]))
        values.extend(found[1])
    return shape, values


def flat_terms(terms: dict[str, Any]) -> tuple[list[Hashable], list[Any]]:
    """The same of terms that hold no queryset, in the order in which ``filter`` takes them."""
    found = flat(sorted(terms.items()))
    if found is None:
        raise TypeError("a queryset among the terms")
    return found


def statement(
    shape: Hashable, values: Sequence[Any], build: Callable[[], QuerySet[Any, Any]], after: int = 0
) -> Statement | None:
    """The statement of ``build()`` and its parameters, of which the last are ``values``; None: no rows can be.

    Behind them come as many that are always the same as ``after`` says.

    ``shape`` says all that the statement depends on but ``values``. Where Django does not hand these on as they are, or
    two are alike, so that their order is not proven, it is built anew each time.
    """
    key = (connection.vendor, shape, tuple(map(type, values)))
    if known := _kept.get(key):
        sql, before, behind = known
        return sql, (*before, *values, *behind)
    found = compiled(build())
    if found and _is_plain(values):
        sql, params = found
        end = len(params) - after
        first = end - len(values)
        if all(map(_same, values, params[first:end])):
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[key] = sql, tuple(params[:first]), tuple(params[end:])
    return found


def _is_plain(values: Sequence[Any]) -> bool:
    return all(type(value) in PLAIN for value in values) and len(set(values)) == len(values)


def _same(value: Any, param: Any) -> bool:
    """Also where Django says more of a number's width than the driver, which finds it from the number."""
    return isinstance(param, type(value)) and bool(param == value)
