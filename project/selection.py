"""The rows a query means, in an order that an index holds, and how to begin after any one of them.

Columns that a filter pins to one value leave the order and the cursor, and an earlier column without a filter is
given all its ids: both let the database seek in the index.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError

from project.bulk import Statement, compiled, raw_rows_of
from project.keys import Beyond, OneOf
from project.query import Query
from project.shapes import flat, flat_terms, known, known_of, statement

MOST_IDS = 1000
Chosen = list[int] | QuerySet


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: beyond the row with ``values`` in the columns of ``ordering``, or before it."""

    ordering: str
    values: list[Any]
    back: bool = False

    def token(self) -> str:
        return base64.urlsafe_b64encode(
            orjson.dumps([self.ordering, self.back, self.values], default=str)
        ).decode()

    @classmethod
    def of(cls, token: str) -> "Cursor":
        try:
            ordering, back, values = orjson.loads(base64.b64decode(token, altchars=b"-_", validate=True))
        except (ValueError, TypeError, binascii.Error):
            raise wrong_cursor() from None
        if not (isinstance(ordering, str) and isinstance(back, bool) and isinstance(values, list)):
            raise wrong_cursor()
        return cls(ordering, values, back)


def wrong_cursor() -> ValidationError:
    return ValidationError({"cursor": ["not a cursor of this list: take it from next or previous, whole"]})


class Selection:
    """What ``query`` selects of ``visible``; ``orderings`` are the columns of the unique indexes, by name.

    ``start`` is where it begins, None at the first row. Raises ValidationError for a wrong ``cursor`` or ``after``.
    """

    def __init__(
        self, query: Query, orderings: dict[str, tuple[str, ...]], default: str, visible: QuerySet
    ) -> None:
        self.model = visible.model
        self.name = query.ordering or default
        columns = orderings[self.name.removeprefix("-")]
        self.chosen = _chosen(query)
        _seek(self.model, columns, self.chosen, {term.split("__")[0] for term in query.terms})
        self.order = (
            tuple(column for column in columns if not _pinned(self.chosen.get(column))) or columns[-1:]
        )
        self._visible, self._terms = visible, query.terms
        self._rows = visible.filter(**query.terms) if query.terms else visible
        self.start = self._start(query)

    def _start(self, query: Query) -> Cursor | None:
        if query.cursor:
            return _checked(Cursor.of(query.cursor), self.model, self.name, self.order)
        if query.after is None:
            return None
        values = self.model._default_manager.filter(pk=query.after).values_list(*self.order).first()
        if values is None:
            raise ValidationError({"after": [f"there is no row with the id {query.after}"]})
        return Cursor(self.name, list(values))

    def terms(self, back: bool = False) -> list[str]:
        """What ``order_by`` takes."""
        return [f"-{column}" if self._down(back) else column for column in self.order]

    def beyond(self, values: list[Any] | None, back: bool = False) -> QuerySet:
        """The rows in their order, after the one with ``values`` in the columns of ``order``; ``back``: before it."""
        start = [] if values is None else [Beyond(self.order, values, "<" if self._down(back) else ">")]
        lists, narrowed = self._narrowed(values, back)
        terms = [*start, *(OneOf(column, ids) for column, ids in lists)]
        rows = self._rows.filter(*terms, **dict(narrowed)) if terms or narrowed else self._rows
        return rows.order_by(*self.terms(back))

    def keys(self, values: list[Any] | None, back: bool, most: int) -> Statement | None:
        """The statement that finds the keys of the first ``most`` rows of ``beyond``."""

        def build() -> QuerySet:
            return self.beyond(values, back).values("pk")[:most]

        begin = [] if values is None else zip(self.order, values, strict=True)
        lists, narrowed = self._narrowed(values, back)
        among = [(column, OneOf.values_of(ids)) for column, ids in lists]
        found = flat([("", self._visible), *sorted(self._terms.items()), *begin, *among, *narrowed])
        if found is None:
            return compiled(build())
        shape = (most, values is None, *self.terms(back), *found[0])
        return statement(shape, found[1], build)

    def _narrowed(
        self, values: list[Any] | None, back: bool
    ) -> tuple[list[tuple[str, list[int]]], list[tuple[str, Any]]]:
        """Columns with the ids that are chosen, and what else ``filter`` takes of them."""
        lists: list[tuple[str, list[int]]] = []
        terms: list[tuple[str, Any]] = []
        for column, ids in sorted(self.chosen.items()):
            if values is not None and column == self.order[0]:
                ids = _from(ids, values[0], self._down(back))  # noqa: PLW2901
            if not isinstance(ids, list):
                terms.append((f"{column}__in", ids))
            elif _pinned(ids):
                terms.append((column, ids[0]))
            else:
                lists.append((column, ids))
        return lists, sorted(terms)

    def _down(self, back: bool) -> bool:
        return self.name.startswith("-") is not back


def _chosen(query: Query) -> dict[str, Chosen]:
    """Ids per narrowed column: a list where there are few, else the query that finds them."""
    chosen: dict[str, Chosen] = {}
    for column, (model, terms) in query.via.items():
        ids = [pk for (pk,) in raw_rows_of(_ids(model, terms))]
        chosen[column] = sorted(ids) if len(ids) <= MOST_IDS else _found(model, terms)
    return chosen


def _ids(model: type[Model], terms: dict[str, Any]) -> Statement | None:
    """The statement that finds the first ids, one more than a list may have."""
    shape, values = flat_terms(terms)
    return statement((model, *shape), values, lambda: _found(model, terms)[: MOST_IDS + 1])


def _found(model: type[Model], terms: dict[str, Any]) -> QuerySet:
    shape, values = flat_terms(terms)
    rows = model._default_manager.filter(**terms).order_by().values_list("pk", flat=True)
    return known(rows, (model, *shape), *values)


def _seek(
    model: type[Model], columns: tuple[str, ...], chosen: dict[str, Chosen], filtered: set[str]
) -> None:
    """Where a later column of the index is narrowed and an earlier one is not, choose all of that."""
    narrowed = [place for place, column in enumerate(columns) if column in chosen or column in filtered]
    for column in columns[: max(narrowed, default=0)]:
        related: Any = model._meta.get_field(column.removesuffix("_id")).related_model
        if related is not None and column not in chosen:
            chosen[column] = _found(related, {})


def _pinned(chosen: Chosen | None) -> bool:
    return isinstance(chosen, list) and len(chosen) == 1


def _checked(cursor: Cursor, model: type[Model], name: str, order: tuple[str, ...]) -> Cursor:
    if cursor.ordering != name or len(cursor.values) != len(order):
        raise wrong_cursor()
    values = []
    for column, value in zip(order, cursor.values, strict=True):
        field: Any = model._meta.get_field(column.removesuffix("_id"))
        try:
            values.append(
                getattr(field, "target_field", field).to_python(value if _possible(value) else None)
            )
        except InvalidValue:
            raise wrong_cursor() from None
        if not _possible(values[-1]):
            raise wrong_cursor()
    return Cursor(name, values, cursor.back)


def _possible(value: Any) -> bool:
    """Whether an index of ours can hold it: 64-bit whole numbers and texts that a database takes."""
    if isinstance(value, str):
        return "\0" not in value
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def _from(ids: Chosen, start: int, down: bool) -> Chosen:
    """Only the ids that the rest of the list can hold."""
    if isinstance(ids, list):
        return [pk for pk in ids if (pk <= start if down else pk >= start)]
    side = "pk__lte" if down else "pk__gte"
    shape, values = known_of(ids)
    return known(ids.filter(**{side: start}), (shape, side), *values, start)
