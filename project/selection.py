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
from django.db.models import BooleanField, Func, Model, QuerySet, Value
from rest_framework.exceptions import ValidationError

from project.query import Query

MOST_IDS = 1000
Chosen = list[int] | QuerySet


class Beyond(Func):
    """``(a, b) > (x, y)``: rows beyond a given one, as one comparison that an index can answer."""

    output_field = BooleanField()

    def __init__(self, columns: tuple[str, ...], values: list[Any], sign: str) -> None:
        super().__init__(*columns, *map(Value, values))
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, *named: Any, **extra: Any) -> tuple[str, Any]:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        sides = [
            ", ".join(sql for sql, _ in half) for half in (parts[: len(parts) // 2], parts[len(parts) // 2 :])
        ]
        return f"({sides[0]}) {self.sign} ({sides[1]})", [value for _, values in parts for value in values]


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
        down = self._down(back)
        narrowed: dict[str, Any] = {}
        for column, ids in self.chosen.items():
            if values is not None and column == self.order[0]:
                ids = _from(ids, values[0], down)  # noqa: PLW2901
            narrowed |= {column: ids[0]} if _pinned(ids) else {f"{column}__in": ids}
        start = [] if values is None else [Beyond(self.order, values, "<" if down else ">")]
        rows = self._rows.filter(*start, **narrowed) if start or narrowed else self._rows
        return rows.order_by(*self.terms(back))

    def _down(self, back: bool) -> bool:
        return self.name.startswith("-") is not back


def _chosen(query: Query) -> dict[str, Chosen]:
    """Ids per narrowed column: a list where there are few, else the query that finds them."""
    chosen: dict[str, Chosen] = {}
    for column, (model, terms) in query.via.items():
        found = model._default_manager.filter(**terms).order_by().values_list("pk", flat=True)
        ids = list(found[: MOST_IDS + 1])
        chosen[column] = sorted(ids) if len(ids) <= MOST_IDS else found
    return chosen


def _seek(
    model: type[Model], columns: tuple[str, ...], chosen: dict[str, Chosen], filtered: set[str]
) -> None:
    """Where a later column of the index is narrowed and an earlier one is not, choose all of that."""
    narrowed = [place for place, column in enumerate(columns) if column in chosen or column in filtered]
    for column in columns[: max(narrowed, default=0)]:
        related: Any = model._meta.get_field(column.removesuffix("_id")).related_model
        if related is not None and column not in chosen:
            chosen[column] = related._default_manager.order_by().values_list("pk", flat=True)


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
    return ids.filter(**{"pk__lte" if down else "pk__gte": start})
