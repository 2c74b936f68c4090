"""One state of the database for a long read, without a lock that a writer would wait for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads inside see the same rows, whatever is written meanwhile; inside a transaction, those of that one."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    with ExitStack() as open_until_the_end:
        with _begin_deferred():
            open_until_the_end.enter_context(transaction.atomic())
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def _begin_deferred() -> Iterator[None]:
    """The site's transactions begin IMMEDIATE, which takes SQLite's only write lock; those inside this do not."""
    if connection.vendor != "sqlite":
        yield
        return
    site: Any = connection
    usual, site.transaction_mode = site.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        site.transaction_mode = usual
