"""Many rows at once, past the ORM: the same rows in the end."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from project import bulk
from project.models import SourceFile
from runs.models import Lumisection, Run

pytestmark = pytest.mark.django_db
START = datetime(2024, 3, 1, 12, 30, 1, 250000, tzinfo=UTC)
FIELDS = ("experiment", "number", "start_time", "era", "energy", "simulated", "attributes")


def row(number: int) -> tuple:
    return ("CMS", number, bulk.timestamp(START), "2024B", None, True, bulk.jsonb("{}"))


def test_inserted_rows_are_those_of_the_orm() -> None:
    bulk.insert(Run, FIELDS, [row(1), row(2)])
    run = Run.objects.get(number=2)
    assert [getattr(run, name) for name in FIELDS] == ["CMS", 2, START, "2024B", None, True, {}]
    Run.objects.create(number=3)
    assert Run.objects.count() == 3


def test_nothing_is_inserted_where_one_row_is_there_already() -> None:
    bulk.insert(Run, FIELDS, [row(2)])
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Run, FIELDS, [row(1), row(2), row(3)])
    assert Run.objects.count() == 1


def test_missing_rows_are_inserted_beside_those_that_are_there() -> None:
    bulk.insert_missing(Run, FIELDS, [row(2)])
    bulk.insert_missing(Run, FIELDS, [row(1), row(2), row(3)])
    assert Run.objects.count() == 3


def test_no_rows_are_no_work() -> None:
    bulk.insert(Run, FIELDS, [])
    bulk.insert_missing(Run, FIELDS, [])
    bulk.update(Run, ("era",), [])
    assert not Run.objects.exists()


def test_json_goes_in_as_text() -> None:
    run = Run.objects.create(number=1)
    bulk.insert(
        Lumisection,
        ("run", "number", "flags"),
        [(run.pk, 1, bulk.jsonb(b'{"beam": true, "name": "\\u03bc"}'))],
    )
    assert Lumisection.objects.get().flags == {"beam": True, "name": "μ"}


def test_updated_rows_are_those_named() -> None:
    first, second = Run.objects.create(number=1), Run.objects.create(number=2)
    bulk.update(Run, ("era", "start_time"), [("A", bulk.timestamp(START), second.pk)])
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.era, second.era, second.start_time) == ("", "A", START)


def test_raw_rows_are_in_the_order_of_the_query() -> None:
    bulk.insert(Run, FIELDS, [row(2), row(1)])
    assert bulk.raw_rows(Run.objects.order_by("number").values_list("number", "era")) == [
        (1, "2024B"),
        (2, "2024B"),
    ]
    assert bulk.raw_rows(Run.objects.filter(number__in=[]).values_list("number")) == []
    hidden = Run.objects.visible().filter(era="2024B").values_list("number")
    assert len(bulk.raw_rows(hidden)) == 2
    file = SourceFile.objects.create(name="a", identity="a")
    Run.objects.filter(number=1).update(file=file)
    assert bulk.raw_rows(Run.objects.visible().values_list("number")) == [(2,)]
