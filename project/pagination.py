"""Keyset pages: the next page begins after the last row of this one, so page 10,000 costs what page 1 does."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from project.query import Query
from project.selection import Cursor, Selection
from project.stored import rows_among


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
        selection = Selection(self.query, self.orderings, self.default, visible)
        cursor = selection.start
        back = bool(cursor and cursor.back)
        # The page's ids come from an index alone; only its own rows are then read and joined.
        ids = selection.keys(cursor.values if cursor else None, back, self.query.page_size + 1)
        rows = rows_among(ids, visible.model, [*paths, *selection.order], selection.terms(back))
        self._links(rows, selection.name, cursor, len(selection.order))
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
