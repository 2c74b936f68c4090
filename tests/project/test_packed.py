"""Keys that SQLite hands over as one number are the keys of the table, whatever they are."""

from typing import Any

import numpy as np
import pytest
from django.db import connection

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.bulk import raw_rows
from project.exports.packed import Packed, unpacked, widths_of
from runs.models import Lumisection, Run

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL hands over its rows as they are"),
]
NAMES = ("id", "lumisection_id", "dataset_id", "element_id", "entries", "file_id")
KEYS = NAMES[:4]


def stored(pk: int, lumisection: int, dataset: int, element: int) -> None:
    run = Run.objects.get_or_create(number=1)[0]
    Lumisection.objects.get_or_create(pk=lumisection, defaults={"run": run, "number": lumisection % 10**6})
    Dataset.objects.get_or_create(pk=dataset, defaults={"name": f"/d/{dataset}"})
    axes = [{"lower": 0.0, "upper": 1.0, "bins": 1}]
    texts = {"name": f"e{element}", "binning": "b", "dimension": 1, "axes": axes}
    MonitoringElement.objects.get_or_create(pk=element, defaults=texts)
    keys = {"pk": pk, "lumisection_id": lumisection, "dataset_id": dataset, "element_id": element}
    LumisectionHistogram.objects.create(**keys, entries=0, counts=np.zeros(3))


def read(widths: Any) -> list[tuple[int, ...]]:
    """The packed keys of all rows, in the order of ``KEYS``."""
    rows = raw_rows(LumisectionHistogram.objects.order_by("id").values_list(Packed(widths)))
    numbers = [number for (number,) in rows]
    columns = unpacked(numbers, widths)
    return [*zip(*(columns[name].tolist() for name in KEYS), strict=True)]


@pytest.mark.parametrize(
    "rows",
    [
        [(1, 1, 1, 1)],
        [(1, 1, 1, 1), (2, 4096, 1, 7), (3, 4095, 2, 8), (1 << 30, 1, 2, 1)],
        [(5, (1 << 20) - 1, 3, 4), (6, 1, 3, (1 << 14) - 1)],
    ],
)
def test_packed_keys_come_apart_as_they_were(rows: list[tuple[int, int, int, int]]) -> None:
    for row in rows:
        stored(*row)
    widths = widths_of(LumisectionHistogram, NAMES)
    assert [name for name, _ in widths] == list(KEYS)
    assert read(widths) == sorted(rows)


def test_only_keys_that_are_always_there_are_packed_and_one_alone_is_not() -> None:
    stored(1, 1, 1, 1)
    widths = widths_of(LumisectionHistogram, ("file_id", "entries", "element_id", "id"))
    assert [name for name, _ in widths] == ["element_id", "id"]
    assert widths_of(LumisectionHistogram, ("id", "entries")) == []


def test_keys_that_do_not_fit_together_or_are_negative_stay_apart() -> None:
    stored(1 << 40, 1 << 39, 3, -4)
    assert [name for name, _ in widths_of(LumisectionHistogram, KEYS)] == ["id", "dataset_id"]


def test_a_reference_to_nothing_does_not_become_another_key() -> None:
    stored(1, 1, 1, 1)
    widths = widths_of(LumisectionHistogram, KEYS)
    LumisectionHistogram.objects.update(dataset_id=77)
    with pytest.raises(TypeError):
        read(widths)
