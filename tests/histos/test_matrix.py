"""One element over a range of lumisections: every format holds the same rows, and a broken download goes on."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from django.test import Client
from pyarrow import ipc, parquet

from histos.matrix import Choice, RowsChanged, Stored, contents, plan_of
from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.models import SourceFile
from runs.golden.operands import parsed_operand
from runs.golden.store import store_mask
from runs.golden.workbench import work
from runs.models import Certification, Lumisection, Run

pytestmark = pytest.mark.django_db

AXIS = {"lower": 0.0, "upper": 10.0, "bins": 3}
WIDE = {"lower": 0.0, "upper": 4.0, "bins": 2, "edges": [0.0, 1.0, 4.0]}
RUNS = (315490, 315488)
"""The later one has the lower ids."""
ABSENT = 4


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several blocks, as with a million rows."""
    monkeypatch.setattr(contents, "MOST_ROWS", 3)


@pytest.fixture
def element(client: Client, viewer: Any) -> MonitoringElement:
    """Two runs of 6 lumisections, the first with a gap in its histograms; a map beside, and another dataset."""
    client.force_login(viewer)
    charge, chart = (
        MonitoringElement.objects.create(name=name, binning="h", dimension=len(axes), axes=axes)
        for name, axes in (("charge", [AXIS]), ("map", [AXIS, WIDE]))
    )
    dataset, other = (Dataset.objects.create(name=name, primary_dataset=name) for name in ("ZB", "JetHT"))
    for number in RUNS:
        run = Run.objects.create(number=number)
        for ls in (6, 1, 2, 3, 4, 5):
            of = Lumisection.objects.create(run=run, number=ls, flags={"cms_active": ls > 1, "a.b": True})
            made = [(chart, dataset, np.arange(20) + ls), (chart, other, np.arange(20))]
            if (number, ls) != (315488, ABSENT):
                made.append((charge, dataset, np.array([0, ls, 300, 70_000, number])))
            LumisectionHistogram.objects.bulk_create(
                LumisectionHistogram(
                    lumisection=of, dataset=of_set, element=one, entries=ls / 2, counts=counts
                )
                for one, of_set, counts in made
            )
    return charge


def url(element: MonitoringElement) -> str:
    return f"/api/v1/monitoring-elements/{element.pk}/matrix/"


def fetch(client: Client, element: MonitoringElement, query: str, **headers: str) -> Any:
    return client.get(f"{url(element)}?{query}", headers=headers)


def content(client: Client, element: MonitoringElement, query: str) -> bytes:
    answer = fetch(client, element, query)
    assert answer.status_code == 200, answer.content
    return b"".join(answer)


def from_npz(data: bytes) -> dict[str, np.ndarray]:
    arrays = dict(np.load(io.BytesIO(data), allow_pickle=False))
    counts = arrays["counts"]
    return {**arrays, "counts": counts.reshape(len(counts), int(np.prod(counts.shape[1:])))}


def from_table(table: pa.Table) -> dict[str, np.ndarray]:
    counts = table["counts"].combine_chunks()
    found = {name: table[name].to_numpy() for name in ("run", "lumisection", "entries")}
    return {**found, "counts": counts.values.to_numpy().reshape(len(table), counts.type.list_size)}


def from_arrow(data: bytes) -> dict[str, np.ndarray]:
    return from_table(ipc.open_stream(data).read_all())


def from_parquet(data: bytes) -> dict[str, np.ndarray]:
    return from_table(parquet.read_table(pa.BufferReader(data)))


def from_csv(data: bytes) -> dict[str, np.ndarray]:
    frame = pd.read_csv(io.BytesIO(data))
    found = {name: frame[name].to_numpy() for name in ("run", "lumisection", "entries")}
    return {**found, "counts": frame.filter(like="bin_").to_numpy(float)}


READ: dict[str, Callable[[bytes], dict[str, np.ndarray]]] = {
    "npz": from_npz, "arrow": from_arrow, "parquet": from_parquet, "csv": from_csv,
}  # fmt: skip
FORMATS = pytest.mark.parametrize("name", READ)


@FORMATS
def test_a_matrix_has_a_row_per_lumisection_in_order_of_run_and_number(
    name: str, client: Client, element: MonitoringElement
) -> None:
    found = READ[name](content(client, element, f"format={name}"))
    assert found["run"].tolist() == [315488] * 5 + [315490] * 6
    assert found["lumisection"].tolist() == [1, 2, 3, 5, 6, 1, 2, 3, 4, 5, 6]
    assert found["entries"].tolist() == (found["lumisection"] / 2).tolist()
    rows = zip(found["run"], found["lumisection"], strict=True)
    assert found["counts"].tolist() == [[0, ls, 300, 70_000, run] for run, ls in rows]


@FORMATS
def test_a_lumisection_without_a_histogram_is_a_row_of_nan_where_that_is_asked(
    name: str, client: Client, element: MonitoringElement
) -> None:
    found = READ[name](content(client, element, f"format={name}&missing=nan&run=315488"))
    assert found["lumisection"].tolist() == [1, 2, 3, 4, 5, 6]
    gap = found["lumisection"] == ABSENT
    assert np.isnan(found["counts"][gap]).all()
    assert np.isnan(found["entries"][gap]).all()
    assert np.isfinite(found["counts"][~gap]).all()


@FORMATS
def test_counts_come_in_single_precision_where_that_is_asked(
    name: str, client: Client, element: MonitoringElement
) -> None:
    found = READ[name](content(client, element, f"format={name}&dtype=float32&limit=4"))
    assert found["counts"].shape == (4, 5)
    assert name == "csv" or found["counts"].dtype == np.float32


def test_numpy_gets_a_map_as_y_by_x_with_its_edges_and_a_description(client: Client, element: Any) -> None:
    chart = MonitoringElement.objects.get(name="map")
    data = content(client, chart, "format=npz&dataset=ZB")
    arrays = np.load(io.BytesIO(data), allow_pickle=False)
    assert arrays["counts"].shape == (12, 4, 5)
    assert np.array_equal(arrays["counts"][0], np.arange(20).reshape(4, 5) + 1)
    assert arrays["edges_x"] == pytest.approx(np.linspace(0, 10, 4))
    assert arrays["edges_y"].tolist() == [0.0, 1.0, 4.0]
    said = json.loads(str(arrays["description"]))
    assert (said["element"]["name"], said["dataset"], said["shape"]) == ("map", "ZB", [4, 5])
    assert "y slow" in said["cells"]


@pytest.mark.parametrize("name", ["arrow", "parquet"])
def test_arrow_and_parquet_carry_the_description(name: str, client: Client, element: Any) -> None:
    data = content(client, element, f"format={name}")
    schema = (ipc.open_stream(data) if name == "arrow" else parquet.ParquetFile(pa.BufferReader(data))).schema
    said = json.loads((schema if name == "arrow" else schema.to_arrow_schema()).metadata[b"lumisift"])
    assert said == json.loads(json.dumps({k: v for k, v in told(client, element).items() if k in said}))


def told(client: Client, element: Any, query: str = "") -> dict[str, Any]:
    answer = fetch(client, element, query)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_json_tells_what_the_files_hold(client: Client, element: Any) -> None:
    said = told(client, element, "limit=4&missing=nan&run=315488")
    assert (said["rows"], said["rows_missing"], said["rows_selected"]) == (4, 1, 6)
    assert said["edges_x"] == pytest.approx([0, 10 / 3, 20 / 3, 10])
    assert "after=315488%3A4" in said["next"]
    assert told(client, element)["next"] is None
    assert len(said["selection"]) == 64


@pytest.mark.parametrize("name", ["arrow", "csv"])
def test_a_download_that_broke_goes_on_after_the_last_row(name: str, client: Client, element: Any) -> None:
    whole = READ[name](content(client, element, f"format={name}"))
    first = READ[name](content(client, element, f"format={name}&limit=7"))
    cursor = f"{first['run'][-1]}:{first['lumisection'][-1]}"
    rest = READ[name](content(client, element, f"format={name}&after={cursor}"))
    for column, values in whole.items():
        assert np.array_equal(np.concatenate([first[column], rest[column]]), values)


def test_the_cursor_stays_where_it_is_while_rows_are_added(client: Client, element: Any) -> None:
    run = Run.objects.get(number=315488)
    added = Lumisection.objects.create(run=run, number=7)
    zero = Lumisection.objects.create(run=Run.objects.create(number=315000), number=1)
    before = from_arrow(content(client, element, "format=arrow&after=315488:5"))
    like = LumisectionHistogram.objects.filter(element=element).first()
    assert like is not None
    for of in (added, zero):
        LumisectionHistogram.objects.create(
            lumisection=of, dataset=like.dataset, element=element, entries=1, counts=np.ones(5, int)
        )
    now = from_arrow(content(client, element, "format=arrow&after=315488:5"))
    assert before["lumisection"].tolist() == [6, 1, 2, 3, 4, 5, 6]
    assert now["lumisection"].tolist() == [6, 7, 1, 2, 3, 4, 5, 6]


def test_if_match_refuses_to_go_on_among_other_rows(client: Client, element: Any) -> None:
    first = fetch(client, element, "format=arrow&limit=3")
    etag = first["ETag"]
    assert 'rel="next"' in first["Link"]
    b"".join(first)
    again = fetch(client, element, "format=csv&after=315488:3", **{"if-match": etag})
    assert (again.status_code, again["ETag"]) == (200, etag)
    b"".join(again)
    LumisectionHistogram.objects.filter(element=element).first().delete()  # type: ignore[union-attr]
    refused = fetch(client, element, "format=csv&after=315488:3", **{"if-match": etag})
    assert (refused.status_code, refused["Content-Type"]) == (412, "application/problem+json")
    assert "begin again" in refused.json()["detail"]


def test_what_was_not_changed_is_not_sent_again(client: Client, element: Any) -> None:
    etag = fetch(client, element, "")["ETag"]
    assert fetch(client, element, "format=npz", **{"if-none-match": etag}).status_code == 304
    file = SourceFile.objects.create(name="b.csv", reader="r", state="complete", identity="b")
    LumisectionHistogram.objects.filter(element=element, lumisection__number=1).update(file=file)
    assert fetch(client, element, "", **{"if-none-match": etag}).status_code == 200


def rows_of(client: Client, element: Any, query: str) -> list[tuple[int, int]]:
    found = from_arrow(content(client, element, f"format=arrow&{query}"))
    return list(zip(found["run"].tolist(), found["lumisection"].tolist(), strict=True))


def test_lumisections_are_chosen_by_run_and_number(client: Client, element: Any) -> None:
    assert rows_of(client, element, "run__lte=315489&lumisection__gte=5") == [(315488, 5), (315488, 6)]
    assert rows_of(client, element, "run__in=315490,1&lumisection=2") == [(315490, 2)]
    assert rows_of(client, element, "experiment=LHCb") == []


def test_golden_only_is_what_the_certifications_say(client: Client, element: Any) -> None:
    run = Run.objects.get(number=315488)
    for first, last, source in ((1, 2, "a"), (2, 3, "b"), (6, None, "b")):
        Certification.objects.create(
            run=run, first=first, last=last, flag="golden", status="GOOD", source=source
        )
    Certification.objects.create(run=run, first=5, last=5, flag="golden", status="BAD", source="a")
    assert rows_of(client, element, "flag=golden") == [(315488, ls) for ls in (1, 2, 3, 6)]
    assert rows_of(client, element, "flag=golden&source=b") == [(315488, ls) for ls in (2, 3, 6)]
    assert rows_of(client, element, "flag=golden&status=BAD") == [(315488, 5)]
    refused = fetch(client, element, "flag=dcs")
    assert "nothing is certified" in refused.json()["errors"]["flag"][0]
    nan = from_arrow(content(client, element, "format=arrow&flag=golden&missing=nan&run=315488"))
    assert nan["lumisection"].tolist() == [1, 2, 3, 6]


def test_a_stored_version_of_a_mask_chooses_lumisections(client: Client, element: Any) -> None:
    made = work((), made=[parsed_operand("a.json", b'{"315488": [[2, 3]], "315490": [[6, 9]]}', "")])
    version, _ = store_mask(made)
    assert rows_of(client, element, f"within=mask%3D{version.pk}") == [(315488, 2), (315488, 3), (315490, 6)]
    assert told(client, element, f"within=mask%3D{version.pk}")["within"] == [f"mask={version.pk}"]
    assert "no stored version" in fetch(client, element, "within=mask%3D0").json()["errors"]["within"][0]


def test_detector_bits_choose_lumisections(client: Client, element: Any) -> None:
    assert rows_of(client, element, "run=315488&bits=cms_active,a.b") == [(315488, ls) for ls in (2, 3, 5, 6)]
    assert rows_of(client, element, "bits=cms_active,nothing") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=315488", "after"), ("after=1:2:3", "after"), ("limit=0", "limit"), ("format=xml", "format"),
        ("run=x", "run"), ("nothing=1", "nothing"), ("dataset=none", "dataset"), ("missing=nan", "missing"),
        ("missing=drop", "missing"), ("status=FINE", "status"), ("source=a", "source"), ("bits=,", "bits"),
        ("dtype=int8", "dtype"), ("run=1&run=2", "run"), ("dataset=%00", "dataset"), ("page_size=1", "page_size"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(query: str, field: str, client: Client, element: Any) -> None:
    answer = fetch(client, element, query)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_several_datasets_are_not_mixed(client: Client, element: Any) -> None:
    answer = fetch(client, MonitoringElement.objects.get(name="map"), "")
    assert answer.status_code == 400
    assert "JetHT, ZB" in answer.json()["errors"]["dataset"][0]


def test_an_element_that_is_not_there_is_not_found(client: Client, element: Any) -> None:
    assert client.get("/api/v1/monitoring-elements/0/matrix/").status_code == 404


def test_what_is_still_loading_is_not_seen(client: Client, element: Any) -> None:
    file = SourceFile.objects.create(name="b.csv", reader="r", state="loading", identity="b")
    LumisectionHistogram.objects.filter(lumisection__number=1).update(file=file)
    assert (315488, 1) not in rows_of(client, element, "")


def test_rows_that_change_while_they_are_read_end_the_file(element: MonitoringElement) -> None:
    choice = Choice(element=element, dataset=Dataset.objects.get(name="ZB"))
    matrix = Stored(choice, plan_of(choice))
    blocks = matrix.blocks()
    next(blocks)
    LumisectionHistogram.objects.filter(element=element, lumisection__number=6).delete()
    with pytest.raises(RowsChanged):
        list(blocks)


def test_an_empty_choice_is_an_empty_matrix(client: Client, element: Any) -> None:
    for name, read in READ.items():
        found = read(content(client, element, f"format={name}&run=1"))
        assert found["counts"].size == 0
        assert len(found["run"]) == 0


def test_only_the_headers_come_where_only_they_are_asked(client: Client, element: Any) -> None:
    answer = client.head(f"{url(element)}?format=npz")
    assert answer["Content-Disposition"] == f'attachment; filename="matrix-{element.pk}.npz"'
    assert b"".join(answer) == b""


def test_it_asks_few_questions(client: Client, element: Any, django_assert_max_num_queries: Any) -> None:
    run = Run.objects.get(number=315488)
    Certification.objects.create(run=run, first=1, last=6, flag="golden", status="GOOD", source="a")
    with django_assert_max_num_queries(12):
        content(client, element, "format=npz&flag=golden&missing=nan&run=315488")
