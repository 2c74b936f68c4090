"""Reading ahead: the next batch is made while the database works on the one before it."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def ahead(made: Iterator[Made]) -> Generator[Made, None, None]:
    """``made``, one of them ahead of what is asked for, in a thread of its own.

    It pays where the database is another process and this one would only wait. Readers and ``prepare`` ask no database,
    so that the thread needs no connection.
    """
    with ThreadPoolExecutor(1, "reading-ahead") as pool:
        coming = pool.submit(next, made, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, made, None)
            yield item
