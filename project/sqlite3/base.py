"""The database backend: ``ENGINE`` in the settings is this package."""

from sqlite3 import Connection
from typing import Any
from weakref import WeakSet

from django.db.backends.sqlite3 import base

from project.sqlite3.kept import KEPT, Place, place_of


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes a connection that another request left in order, and leaves its own so."""

    _failed = False

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._place: Place | None = None
        self._cursors: WeakSet[Any] = WeakSet()

    # Django forgets it with a rollback, and at the end of a request as SQLite always seems usable.
    @property
    def errors_occurred(self) -> bool:
        return self._errors_occurred

    @errors_occurred.setter
    def errors_occurred(self, occurred: bool) -> None:
        self._errors_occurred = occurred
        self._failed = self._failed or occurred

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        # Before it is opened: where another file takes the name meanwhile, the connection is not taken for one of that.
        self._place, self._failed = place_of(conn_params["database"]), False
        return KEPT.take(self._place) or super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if KEPT.most:
            self._cursors.add(cursor)
        return cursor

    def _close(self) -> None:
        if not (KEPT.most and self.connection and self._left_in_order(self.connection)):
            super()._close()  # type: ignore[misc]

    def _left_in_order(self, connection: Connection) -> bool:
        """Whether the next one may have it: nothing half done, and no cursor that still reads an old state."""
        if self.in_atomic_block or self._failed or connection.in_transaction:
            return False
        for cursor in self._cursors:
            cursor.close()
        self._cursors.clear()
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA query_only = OFF")
        return KEPT.give(self._place, connection)
