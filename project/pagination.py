"""Keyset pages: the next page begins after the last row of this one, so page 10,000 costs what page 1 does.

The order follows a unique index. Columns that a filter pins to one value leave the order and the cursor, and
an earlier column without a filter is given all its ids: both let the database seek in the index.
"""

import base64
import binascii
from collections.abc import Sequence
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


@dataclass
class Page:
    """One page as ``query`` asks; ``orderings`` are the columns of the table's unique indexes, by name."""

    query: Query
    orderings: dict[str, tuple[str, ...]]
    default: str
    rows: list[tuple] = None  # type: ignore[assignment]
    next: str | None = None
    previous: str | None = None

    def fetch(self, visible: QuerySet, paths: Sequence[str]) -> "Page":
        """Reads the values at ``paths``: one query, and one for each table that narrows the page."""
        model = visible.model
        name = self.query.ordering or self.default
        chosen = _chosen(self.query)
        columns = self.orderings[name.removeprefix("-")]
        _seek(model, columns, chosen, {term.split("__")[0] for term in self.query.terms})
        order = tuple(column for column in columns if not _pinned(chosen.get(column))) or columns[-1:]
        cursor = _checked(Cursor.of(self.query.cursor), model, name, order) if self.query.cursor else None
        down = name.startswith("-") is not bool(cursor and cursor.back)
        terms = [f"-{column}" if down else column for column in order]
        page = _narrowed(visible.filter(**self.query.terms), chosen, order[0], cursor, down)
        if cursor:
            page = page.filter(Beyond(order, cursor.values, "<" if down else ">"))
        ids = page.order_by(*terms).values("pk")[: self.query.page_size + 1]
        # The page's ids come from an index alone; only its own rows are then read and joined.
        rows = list(model._default_manager.filter(pk__in=ids).order_by(*terms).values_list(*paths, *order))
        self._links(rows, name, cursor, len(order))
        self.rows = [row[: len(paths)] for row in self.rows]
        return self

    def _links(self, rows: list[tuple], name: str, cursor: Cursor | None, width: int) -> None:
        back = bool(cursor and cursor.back)
        more = len(rows) > self.query.page_size
        rows = rows[: self.query.page_size]
        self.rows = rows[::-1] if back else rows
        if self.rows and (more or back):
            self.next = Cursor(name, list(self.rows[-1][-width:])).token()
        if self.rows and (more if back else cursor):
            self.previous = Cursor(name, list(self.rows[0][-width:]), back=True).token()


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
        whole = getattr(field, "target_field", field)
        if not isinstance(value, int | str) or isinstance(value, bool):
            raise wrong_cursor()
        if isinstance(value, int) and abs(value) >= 1 << 63:
            raise wrong_cursor()
        try:
            values.append(whole.to_python(value))
        except InvalidValue:
            raise wrong_cursor() from None
    return Cursor(name, values, cursor.back)


def _narrowed(
    page: QuerySet, chosen: dict[str, Chosen], first: str, cursor: Cursor | None, down: bool
) -> QuerySet:
    for column, ids in chosen.items():
        if cursor and column == first:
            ids = _from(ids, cursor.values[0], down)  # noqa: PLW2901
        page = page.filter(**{column: ids[0]} if _pinned(ids) else {f"{column}__in": ids})
    return page


def _from(ids: Chosen, start: int, down: bool) -> Chosen:
    """Only the ids that the rest of the list can hold."""
    if isinstance(ids, list):
        return [pk for pk in ids if (pk <= start if down else pk >= start)]
    return ids.filter(**{"pk__lte" if down else "pk__gte": start})
