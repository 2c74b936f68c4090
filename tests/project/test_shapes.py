"""Statements that are kept answer what Django's own would, whatever the values."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from project import shapes
from project.asked import by_key
from project.bulk import compiled, raw_rows, raw_rows_of
from project.keys import OneOf
from project.shapes import flat, known, statement
from runs.models import Lumisection, Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_kept", {})


@pytest.fixture
def lumisections() -> list[int]:
    run = Run.objects.create(number=7)
    return [Lumisection.objects.create(run=run, number=number).pk for number in range(1, 6)]


def between(low: int, high: int) -> QuerySet:
    rows = Lumisection.objects.visible().filter(number__gte=low, number__lte=high)
    return rows.order_by("number").values_list("number")


def test_a_shape_is_built_once(lumisections: list[int]) -> None:
    built = []

    def ask(low: int, high: int) -> list[tuple]:
        def build() -> QuerySet:
            built.append((low, high))
            return between(low, high)

        return raw_rows_of(statement("between", (low, high), build))

    pairs = [(3, 3), (2, 4), *permutations(range(1, 6), 2)]
    assert [ask(*pair) for pair in pairs] == [raw_rows(between(*pair)) for pair in pairs]
    # Of two equal values nobody knows which is which.
    assert built == [(3, 3), (2, 4)]


def test_what_django_changes_on_the_way_is_not_kept(lumisections: list[int]) -> None:
    for text in ("1", "2", "1_", "%"):
        rows = Run.objects.filter(experiment__contains=text).values_list("pk")
        assert statement("contains", (text,), lambda rows=rows: rows) == compiled(rows)  # type: ignore[misc]
    assert shapes._kept == {}


def test_where_no_row_can_be_there_is_no_statement(lumisections: list[int]) -> None:
    assert statement("none", (1,), lambda: Run.objects.filter(pk__in=[]).values_list("pk")) is None
    assert raw_rows_of(None) == []


def test_the_shape_of_terms_holds_all_but_their_values() -> None:
    rows = known(Run.objects.all(), Run, 5)
    assert flat([("a", 1), ("b__in", [3, 4, 3]), ("", rows)]) == (
        [("a", ()), ("b__in", 2), ("", Run)],
        [1, 3, 4, 5],
    )
    assert flat([("", rows.filter(pk=1))]) is None


@pytest.mark.parametrize("chosen", [[1], [2, 4], [5, 1, 3]])
def test_one_of_some_keys_is_in(chosen: list[int], lumisections: list[int]) -> None:
    ids = [lumisections[number - 1] for number in chosen]
    found = Lumisection.objects.filter(OneOf("pk", ids)).values_list("number", flat=True)
    assert sorted(found) == sorted(chosen)


def test_pages_of_any_choice_are_those_of_the_whole_list(client: Client, lumisections: list[int]) -> None:
    client.force_login(get_user_model().objects.create_user("viewer"))

    def numbers(query: str) -> list[int]:
        results: list[dict[str, Any]] = client.get(f"/api/v1/lumisections/?fields=number&{query}").json()[
            "results"
        ]
        return [row["number"] for row in results]

    for low, high in [(2, 2), (1, 5), (4, 5), (5, 4), (2, 3)]:
        assert numbers(f"number__gte={low}&number__lte={high}&run=7") == [*range(low, high + 1)]
    for number in (3, 1, 5):
        assert numbers(f"number__in={number},2&run=7") == sorted({number, 2})
    following = "/api/v1/lumisections/?fields=number&page_size=2&run__in=7"
    seen = []
    while following:
        page = client.get(following).json()
        seen += [row["number"] for row in page["results"]]
        following = page["next"]
    assert seen == [1, 2, 3, 4, 5]


def test_a_row_by_its_key_is_what_django_gets(lumisections: list[int]) -> None:
    user = get_user_model().objects.create_user("viewer", last_login=timezone.now())
    for _ in range(2):
        found = by_key(type(user), user.pk)
        assert vars(found).keys() == vars(get_user_model().objects.get(pk=user.pk)).keys()
        assert (found.username, found.last_login, found.is_active) == ("viewer", user.last_login, True)
    assert by_key(type(user), user.pk + 1) is None


def test_who_is_signed_in_costs_two_queries(client: Client) -> None:
    client.force_login(get_user_model().objects.create_user("viewer"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/v1/detectors/").status_code == 200
    assert len(queries) == 2


def test_an_old_session_and_a_closed_account_are_let_in_no_more(client: Client) -> None:
    user = get_user_model().objects.create_user("viewer")
    client.force_login(user)
    assert client.get("/api/v1/runs/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/runs/").status_code == 401
    client.force_login(user)
    assert client.get("/api/v1/runs/").status_code == 200
    get_user_model().objects.update(is_active=False)
    assert client.get("/api/v1/runs/").status_code == 401
