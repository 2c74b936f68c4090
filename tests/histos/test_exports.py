"""Histograms as files: the whole selection, bin for bin, in every format, and what a spreadsheet must not run."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import pyarrow as pa
import pytest
from django.http import QueryDict
from django.test import Client
from pyarrow import ipc, parquet

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.exports import FORMATS, rows
from project.exports.comma import guarded
from runs.models import Lumisection, Run

pytestmark = pytest.mark.django_db

LIST = "/api/v1/lumisection-histograms/"
AXIS = {"lower": 0.0, "upper": 10.0, "bins": 3}
WIDE = {"lower": 0.0, "upper": 4.0, "bins": 2, "edges": [0.0, 1.0, 4.0]}
EVIL = '=HYPERLINK("http://x";"y")'


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def histograms() -> list[LumisectionHistogram]:
    """30 lumisections of a run with three elements each: 1D counts, fractions in irregular bins, an empty map."""
    elements = [
        MonitoringElement.objects.create(
            name=name, binning="h", dimension=len(axes), axes=axes, storage=storage
        )
        for name, axes, storage in (
            ("charge", [AXIS], "int64"),
            (EVIL, [WIDE], "double"),
            ("map", [{**AXIS, "bins": 60}] * 2, "int64"),
        )
    ]
    dataset = Dataset.objects.create(name="+ZeroBias", primary_dataset="ZeroBias")
    run = Run.objects.create(number=315488)
    made = []
    for number in range(1, 31):
        of = Lumisection.objects.create(run=run, number=number)
        counts = ([0, number, 300, 70_000, 1], [0.1, 1 / 3, number, 0], np.zeros(62 * 62, int))
        made += [
            LumisectionHistogram(
                lumisection=of, dataset=dataset, element=element, entries=number / 2, counts=np.array(values)
            )
            for element, values in zip(elements, counts, strict=True)
        ]
    return LumisectionHistogram.objects.bulk_create(made)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several statements and several parts, as with a million rows."""
    monkeypatch.setattr(rows, "FIRST_ROWS", 7)
    monkeypatch.setattr(rows, "MOST_ROWS", 20)
    monkeypatch.setattr(rows, "PART_ROWS", 6)


def file_of(client: Client, query: str) -> bytes:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200, answer.content
    return b"".join(answer)


def from_arrow(content: bytes) -> list[dict[str, Any]]:
    return ipc.open_stream(content).read_all().to_pylist()


def from_parquet(content: bytes) -> list[dict[str, Any]]:
    return parquet.read_table(pa.BufferReader(content)).to_pylist()


def from_csv(content: bytes) -> list[dict[str, Any]]:
    found = []
    for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
        lists = {name: json.loads(row[name]) for name in ("counts", "shape")}
        whole = {name: int(row[name]) for name in ("id", "run", "lumisection", "element_id")}
        texts = {name: row[name].removeprefix("'") for name in ("dataset", "element")}
        found.append({**row, **lists, **whole, **texts, "entries": float(row["entries"])})
    return found


READ: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "arrow": from_arrow, "parquet": from_parquet, "csv": from_csv,
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("query", ["", "ordering=-element", "element=map&lumisection__gte=5", "element=none"])
def test_a_file_holds_what_all_pages_hold_in_their_order(
    name: str, query: str, client: Client, histograms: list[Any]
) -> None:
    found = READ[name](file_of(client, f"{query}&format={name}"))
    expected = client.get(f"{LIST}?{query}&page_size=1000").json()["results"]
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        assert list(row) == list(other)
        assert {**row, "axes": json.loads(row["axes"])} == other


def test_numpy_gets_matrices_and_edges_where_bins_are_alike(client: Client, histograms: list[Any]) -> None:
    arrays = np.load(io.BytesIO(file_of(client, "format=npz&element=charge")), allow_pickle=False)
    assert arrays["counts"].shape == (30, 5)
    assert arrays["counts"].dtype.kind == "u"
    assert arrays["counts"][4].tolist() == [0, 5, 300, 70_000, 1]
    assert arrays["edges_x"] == pytest.approx(np.linspace(0, 10, 4))
    assert arrays["lumisection"].tolist() == list(range(1, 31))
    assert set(arrays["element"]) == {"charge"}
    assert arrays["id"].tolist() == [one.pk for one in histograms[::3]]


def test_numpy_gets_values_and_offsets_where_bins_differ(client: Client, histograms: list[Any]) -> None:
    arrays = np.load(io.BytesIO(file_of(client, "format=npz&fields=id,counts,axes")), allow_pickle=False)
    assert set(arrays) == {"id", "counts", "counts_offsets", "axes"}
    for place, histogram in enumerate(histograms):
        start, stop = arrays["counts_offsets"][place : place + 2]
        assert np.array_equal(arrays["counts"][start:stop], histogram.counts)


def test_an_empty_selection_is_an_empty_file(client: Client, histograms: list[Any]) -> None:
    for name, read in READ.items():
        assert read(file_of(client, f"element=none&format={name}")) == []
    arrays = np.load(io.BytesIO(file_of(client, "element=none&format=npz")), allow_pickle=False)
    assert [len(arrays[name]) for name in ("id", "counts", "element")] == [0, 0, 0]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_says_what_it_is_before_it_comes(name: str, client: Client, histograms: list[Any]) -> None:
    answer = client.get(f"{LIST}?format={name}", headers={"accept": "text/html"})
    assert answer.streaming
    assert answer["Content-Type"] == FORMATS[name].media_type
    expected = f'attachment; filename="lumisection-histograms.{FORMATS[name].ending}"'
    assert answer["Content-Disposition"] == expected
    assert b"".join(client.head(f"{LIST}?format={name}")) == b""


@pytest.mark.parametrize("ordering", ["id", "-id", "element", "-lumisection"])
def test_a_broken_download_goes_on_after_the_last_row(
    ordering: str, client: Client, histograms: list[Any]
) -> None:
    whole = from_arrow(file_of(client, f"format=arrow&ordering={ordering}"))
    first = from_arrow(file_of(client, f"format=arrow&ordering={ordering}&limit=13"))
    assert first == whole[:13]
    rest = file_of(client, f"format=arrow&ordering={ordering}&after={first[-1]['id']}")
    assert from_arrow(rest) == whole[13:]


def test_a_file_begins_at_the_cursor_of_a_page(client: Client, histograms: list[Any]) -> None:
    page = client.get(f"{LIST}?page_size=10").json()
    cursor = QueryDict(urlsplit(page["next"]).query)["cursor"]
    found = from_arrow(file_of(client, urlencode({"format": "arrow", "cursor": cursor})))
    assert [row["id"] for row in found] == [one.pk for one in histograms[10:]]


def test_texts_that_begin_like_a_formula_are_marked_and_numbers_are_not(
    client: Client, histograms: list[Any]
) -> None:
    LumisectionHistogram.objects.update(entries=-5)
    lines = file_of(client, f"format=csv&fields=element,dataset,entries&element={EVIL}&limit=1").decode()
    quoted = EVIL.replace('"', '""')
    assert lines == f"element,dataset,entries\r\n\"'{quoted}\",'+ZeroBias,-5.0\r\n"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=", "\r", "'=1", "''@", "a=1", "'quoted'", "", "1"]
)
def test_taking_one_apostrophe_away_gives_the_text_again(text: str) -> None:
    marked = guarded(text)
    assert not marked.startswith(("=", "+", "-", "@", "\t", "\r"))
    begins_like_a_formula = marked.startswith("'") and marked.lstrip("'").startswith(tuple("=+-@\t\r"))
    assert (marked[1:] if begins_like_a_formula else marked) == text


def test_counts_that_are_missing_values_come_back(client: Client, histograms: list[Any]) -> None:
    LumisectionHistogram.objects.filter(pk=histograms[0].pk).update(
        counts=np.array([np.nan, np.inf, 1, 0.1, 3])
    )
    (row,) = from_arrow(file_of(client, "format=arrow&fields=counts&limit=1"))
    assert np.array_equal(row["counts"], [np.nan, np.inf, 1, 0.1, 3], equal_nan=True)
    assert file_of(client, "format=csv&fields=counts&limit=1") == b'counts\r\n"[null,null,1.0,0.1,3.0]"\r\n'
