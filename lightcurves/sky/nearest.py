"""Pages of the sources in a cone, nearest first: the next page begins beyond the last separation of this one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from django.db.models import F, QuerySet
from rest_framework.exceptions import ValidationError

from lightcurves.sky.geometry import Cone
from project.keys import Beyond
from project.pagination import Page
from project.query import Query
from project.selection import Cursor, Selection, wrong_cursor
from project.stored import rows_of

NEAREST = "separation"
ORDER = (NEAREST, "pk")
CONE = "zone__cone"
"""The term of a query that holds its cone."""
BIGGEST = 2**63


@dataclass
class NearestPage(Page):
    """One page of the sources in the cone of ``query``, with their separations in arcseconds."""

    orderings: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"id": ("id",)})
    default: str = "id"
    separations: Sequence[float] = ()

    def fetch(self, visible: QuerySet, paths: Sequence[str]) -> "NearestPage":
        """Reads the values at ``paths``: the ids by the index of the sky, then the rows of this page."""
        rows = self._narrowed(visible).nearest_to(self.query.terms[CONE])
        cursor = self._start(rows)
        back = bool(cursor and cursor.back)
        if cursor:
            rows = rows.filter(Beyond(ORDER, cursor.values, "<" if back else ">"))
        rows = rows.order_by(*(f"-{column}" for column in ORDER)) if back else rows
        self._links(list(rows.values_list(*ORDER)[: self.query.page_size + 1]), NEAREST, cursor, len(ORDER))
        self.separations = [apart for apart, _ in self.rows]
        self.rows = _in_order(visible, [pk for _, pk in self.rows], paths)
        return self

    def _narrowed(self, visible: QuerySet) -> Any:
        """What the query means. A sum is in no index: SQLite, which takes every catalogue for a small one, must
        not read a whole one to find what a cone holds.
        """
        whole = replace(self.query, cursor="", after=None)
        rows = visible.filter(**self.query.terms)
        for column, ids in Selection(whole, self.orderings, self.default, visible).chosen.items():
            rows = rows.alias(**{f"any_{column}": F(column) + 0}).filter(**{f"any_{column}__in": ids})
        return rows

    def _start(self, rows: QuerySet) -> Cursor | None:
        if self.query.cursor:
            return _checked(Cursor.of(self.query.cursor))
        if self.query.after is None:
            return None
        values = rows.filter(pk=self.query.after).values_list(*ORDER).first()
        if values is None:
            raise ValidationError({"after": [f"the cone holds no source with the id {self.query.after}"]})
        return Cursor(NEAREST, list(values))


def _in_order(visible: QuerySet, ids: list[int], paths: Sequence[str]) -> list[tuple]:
    found = {row[-1]: row[:-1] for row in rows_of(visible.filter(pk__in=ids).order_by(), [*paths, "pk"])}
    return [found[pk] for pk in ids]


def _checked(cursor: Cursor) -> Cursor:
    if cursor.ordering != NEAREST or len(cursor.values) != len(ORDER):
        raise wrong_cursor()
    apart, pk = cursor.values
    if type(apart) not in (int, float) or not isfinite(apart) or type(pk) is not int or abs(pk) >= BIGGEST:
        raise wrong_cursor()
    return replace(cursor, values=[float(apart), pk])


def cone_of(query: Query) -> Cone | None:
    """The cone whose sources come nearest first: none where another order, or a file, is asked for."""
    return None if query.ordering or query.is_export else query.terms.get(CONE)
