"""Reading ahead: the next batch is made while the database works on the one before it."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Made = TypeVar("Made")


def ahead(made: Iterator[Made]) -> Generator[Made, None, None]:
    """``made``, one of them ahead of what is asked for, in a thread of its own.

    It pays where the database is another process and this one would only wait. Readers and ``prepare`` ask no database:
    a connection of that thread would see another state of it, and nobody would give it back.
    """
    with ThreadPoolExecutor(1, "reading-ahead") as pool:
        coming = pool.submit(_next, made)
        while (item := coming.result()) is not None:
            coming = pool.submit(_next, made)
            yield item


def _next(made: Iterator[Made]) -> Made | None:
    item = next(made, None)
    if connection.connection is not None:
        connection.close()
        raise RuntimeError("a reader asked the database: read what it needs before the load")
    return item
