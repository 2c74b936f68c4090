"""Reading ahead in a thread of its own."""

from collections.abc import Iterator

import pytest

from project.loading.ahead import ahead
from project.models import SourceFile


def test_what_is_read_ahead_comes_in_its_order_to_the_end() -> None:
    assert list(ahead(iter([[1], [2], [3]]))) == [[1], [2], [3]]


def test_what_cannot_be_read_is_told_where_it_is_asked_for() -> None:
    def broken() -> Iterator[list[int]]:
        yield [1]
        raise ValueError("line 2")

    coming = ahead(broken())
    assert next(coming) == [1]
    with pytest.raises(ValueError, match="line 2"):
        next(coming)


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_asks_the_database_is_refused() -> None:
    with pytest.raises(RuntimeError, match="asked the database"):
        next(ahead(iter([SourceFile.objects.count()] for _ in range(2))))
