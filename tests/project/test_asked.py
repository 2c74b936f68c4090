"""Questions that are asked again are answered as the first time, and built once."""

from typing import Any

import pytest
from django.db.models import QuerySet

from project import shapes
from project.addresses import numbered
from project.asked import by_key, objects, one, plain
from runs.models import Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_kept", {})


@pytest.fixture
def runs() -> list[Run]:
    return [
        Run.objects.create(experiment="CMS", number=number, attributes={"n": number}) for number in (1, 2, 3)
    ]


def test_constants_behind_the_values_stay_behind_them(runs: list[Run]) -> None:
    asked = []

    def between(low: int) -> list[tuple]:
        def build() -> QuerySet:
            asked.append(low)
            return (
                Run.objects.filter(number__gte=low)
                .filter(number__lt=3)
                .order_by("number")
                .values_list("number")
            )

        return plain("between", (low,), build, after=1)

    assert [between(low) for low in (1, 2, 3)] == [[(1,), (2,)], [(2,)], []]
    assert asked == [1]


def test_objects_are_those_of_django_and_leave_out_what_is_not_asked(
    runs: list[Run], django_assert_num_queries: Any
) -> None:
    for run in runs:
        with django_assert_num_queries(1):
            found = one("at", (run.number,), lambda n=run.number: Run.objects.filter(number=n), Run)
        assert found == run
        assert found.attributes == {"n": run.number}
    (light,) = objects("light", (2,), lambda: Run.objects.filter(number=2), Run, without=("attributes",))
    assert light.get_deferred_fields() == {"attributes"}
    assert light.attributes == {"n": 2}
    assert by_key(Run, 0) is None


def test_an_address_by_number_is_that_of_reverse() -> None:
    assert [numbered("detection")(pk) for pk in (7, 1000)] == ["/detections/7/", "/detections/1000/"]
