"""Histograms over the API: bin for bin, in pages, by index, and as other programs open them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from histos.models import Dataset, LumisectionHistogram, MonitoringElement, RunHistogram
from histos.uhi import to_uhi
from project.models import SourceFile
from runs.models import Lumisection, Run

pytestmark = pytest.mark.django_db

LIST = "/api/v1/lumisection-histograms/"
QUERIES = json.loads((Path(__file__).parent.parent / "query_counts.json").read_text())
AXIS = {"lower": 0.0, "upper": 10.0, "bins": 3}


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def histograms() -> list[LumisectionHistogram]:
    """Two runs of 6 lumisections, two datasets, three elements: 72 histograms of 5 cells."""
    file = SourceFile.objects.create(name="a.csv", reader="ml4dqm-csv", state="complete", identity="a")
    elements = [
        MonitoringElement.objects.create(name=name, binning="h", dimension=1, axes=[AXIS])
        for name in ("charge", "size", "hits")
    ]
    datasets = [Dataset.objects.create(name=name, primary_dataset=name) for name in ("ZeroBias", "JetHT")]
    rows = []
    for number in (315488, 315489):
        run = Run.objects.create(number=number, file=file)
        for lumisection in range(1, 7):
            of = Lumisection.objects.create(run=run, number=lumisection, file=file)
            for place, dataset in enumerate(datasets):
                rows += [
                    LumisectionHistogram(
                        lumisection=of, dataset=dataset, element=element, entries=10 * lumisection, file=file,
                        counts=np.array([place, lumisection, number % 10, 300, 1]),
                    )
                    for element in elements
                ]  # fmt: skip
    return LumisectionHistogram.objects.bulk_create(rows)


def every_page(client: Client, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while url:
        answer = client.get(url).json()
        found += answer["results"]
        url = answer["next"]
    return found


def test_a_histogram_comes_back_bin_for_bin_with_its_axes(client: Client, histograms: list[Any]) -> None:
    row = client.get(f"{LIST}{histograms[0].pk}/").json()
    assert row["counts"] == [0, 1, 8, 300, 1]
    assert (row["run"], row["lumisection"], row["dataset"], row["element"]) == (
        315488,
        1,
        "ZeroBias",
        "charge",
    )
    assert (row["axes"], row["shape"], row["entries"]) == ([AXIS], [5], 10)


def test_fractions_come_back_exactly(client: Client, histograms: list[Any]) -> None:
    values = [0.1, float(np.float32(0.1)), 1 / 3, 1e-300, 16777217.0]
    LumisectionHistogram.objects.filter(pk=histograms[0].pk).update(counts=np.array(values))
    assert client.get(f"{LIST}{histograms[0].pk}/").json()["counts"] == values
    single = [0.5, float(np.float32(0.1)), 0, 0, 0]
    LumisectionHistogram.objects.filter(pk=histograms[0].pk).update(counts=np.array(single))
    assert client.get(f"{LIST}{histograms[0].pk}/").json()["counts"] == single


def test_what_is_not_finite_is_null(client: Client, histograms: list[Any]) -> None:
    LumisectionHistogram.objects.filter(pk=histograms[0].pk).update(
        counts=np.array([np.nan, np.inf, 1, 2, 3])
    )
    assert client.get(f"{LIST}{histograms[0].pk}/").json()["counts"] == [None, None, 1, 2, 3]


FILTERS = [
    ("element=charge", lambda row: row["element"] == "charge"),
    ("element__in=charge,hits", lambda row: row["element"] != "size"),
    ("dataset=JetHT", lambda row: row["dataset"] == "JetHT"),
    ("run=315488", lambda row: row["run"] == 315488),
    ("run__in=315488,315489", lambda row: True),
    ("run=315489&lumisection__gte=2&lumisection__lte=4",
     lambda row: row["run"] == 315489 and 2 <= row["lumisection"] <= 4),
    ("element=size&dataset=JetHT&run=315489",
     lambda row: (row["element"], row["dataset"], row["run"]) == ("size", "JetHT", 315489)),
    ("element=size&lumisection=3", lambda row: row["element"] == "size" and row["lumisection"] == 3),
    ("entries__gte=50", lambda row: row["entries"] >= 50),
    ("dataset__in=JetHT,ZeroBias&run__gte=315489", lambda row: row["run"] == 315489),
    ("element=nothing", lambda row: False),
    ("dimension=2", lambda row: False),
    ("experiment=CMS", lambda row: True),
    ("", lambda row: True),
]  # fmt: skip


@pytest.mark.parametrize("ordering", ["", "id", "-id", "element", "-element", "lumisection", "-lumisection"])
@pytest.mark.parametrize(("query", "belongs"), FILTERS, ids=[query for query, _ in FILTERS])
def test_pages_hold_what_the_filter_says_once_each_in_every_order(
    query: str, belongs: Any, ordering: str, client: Client, histograms: list[Any]
) -> None:
    everything = every_page(client, LIST + "?page_size=100")
    asked = f"{LIST}?{query}&page_size=5" + (f"&ordering={ordering}" if ordering else "")
    found = [row["id"] for row in every_page(client, asked)]
    assert sorted(found) == [row["id"] for row in everything if belongs(row)]


@pytest.mark.parametrize("query", ["", "dataset=JetHT", "run=315488", "element=charge", "ordering=-element"])
def test_previous_leads_back_the_same_way(query: str, client: Client, histograms: list[Any]) -> None:
    first = client.get(f"{LIST}?{query}&page_size=4").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    back = client.get(third["previous"]).json()
    assert first["previous"] is None
    assert back["results"] == second["results"]
    assert client.get(back["previous"]).json()["results"] == first["results"]
    assert client.get(client.get(back["previous"]).json()["next"]).json()["results"] == second["results"]


def test_a_cursor_of_another_order_is_refused(client: Client, histograms: list[Any]) -> None:
    following = client.get(f"{LIST}?page_size=4").json()["next"]
    assert client.get(following + "&ordering=element").status_code == 400


def test_rows_of_a_file_that_is_loading_are_not_there(client: Client, histograms: list[Any]) -> None:
    RunHistogram.objects.create(
        run=Run.objects.first(), dataset=Dataset.objects.first(), element=MonitoringElement.objects.first(),
        entries=1, counts=[0] * 5, file=SourceFile.objects.first(),
    )  # fmt: skip
    SourceFile.objects.update(state="loading")
    for name in ("lumisection-histograms", "run-histograms", "runs", "lumisections"):
        assert client.get(f"/api/v1/{name}/").json()["results"] == [], name
    assert client.get(f"{LIST}{histograms[0].pk}/").status_code == 404


def test_fields_choose_what_is_read(client: Client, histograms: list[Any]) -> None:
    with CaptureQueriesContext(connection) as queries:
        rows = client.get(f"{LIST}?fields=id,entries&page_size=2").json()["results"]
    assert list(rows[0]) == ["id", "entries"]
    assert '"counts"' not in queries.captured_queries[-1]["sql"]


@pytest.mark.parametrize("query", QUERIES["lumisection-histograms"])
def test_a_page_takes_few_queries(query: str, client: Client, histograms: list[Any]) -> None:
    most = QUERIES["lumisection-histograms"][query]
    assert most <= 6
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{LIST}?{query}").json()["results"]
    assert len(queries) <= most, [one["sql"] for one in queries.captured_queries]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("query", QUERIES["lumisection-histograms"])
def test_a_page_follows_an_index_and_counts_nothing(
    query: str, client: Client, histograms: list[Any]
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("this reads SQLite's query plans")
    following = client.get(f"{LIST}?{query}&page_size=2").json()["next"]
    with CaptureQueriesContext(connection) as queries:
        client.get(following)
    last = queries.captured_queries[-1]["sql"]
    with connection.cursor() as cursor:
        plan = " / ".join(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {last}").fetchall())
    assert "SCAN" not in plan.replace("SCAN V0 USING INDEX", ""), plan
    assert not any(word in last for word in ("COUNT(", "DISTINCT")), last


def test_the_uhi_form_opens_in_boost_histogram(client: Client, histograms: list[Any]) -> None:
    serialization = pytest.importorskip("boost_histogram.serialization")
    row = client.get(f"{LIST}{histograms[0].pk}/?format=uhi").json()
    opened = serialization.from_uhi(row)
    assert opened.values(flow=True).tolist() == [0, 1, 8, 300, 1]
    assert opened.axes[0].edges.tolist() == pytest.approx(np.linspace(0, 10, 4))
    assert row["metadata"]["run"] == 315488
    page = client.get(f"{LIST}?format=uhi&page_size=3").json()["results"]
    assert [serialization.from_uhi(one).sum(flow=True) for one in page] == [310, 310, 310]


def test_two_dimensions_are_flat_in_json_and_folded_in_uhi() -> None:
    serialization = pytest.importorskip("boost_histogram.serialization")
    axes = [{"lower": 0, "upper": 2, "bins": 2}, {"lower": 0, "upper": 3, "bins": 3, "edges": [0, 0.5, 1, 3]}]
    counts = np.arange(20)  # (3 + 2) rows of y, each of 2 + 2 cells of x
    opened = serialization.from_uhi(to_uhi(axes, "int64", counts))
    assert opened.values(flow=True)[1, 0] == 1
    assert opened.values(flow=True)[0, 1] == 4
    assert opened.axes[1].edges.tolist() == [0, 0.5, 1, 3]


@pytest.mark.parametrize(
    ("storage", "counts", "kind"),
    [("int64", [0, 1, 2], "int"), ("int64", [0, 1.0, 2.0], "int"), ("int64", [0, 0.5, 2], "double"),
     ("double", [0, 1, 2], "double"), ("mean", [0, 1, 2], "double"),
     ("int64", [0, np.inf, np.nan], "double")],
)  # fmt: skip
def test_the_storage_is_what_the_values_allow(storage: str, counts: list[float], kind: str) -> None:
    assert to_uhi([{"lower": 0, "upper": 1, "bins": 1}], storage, np.array(counts))["storage"]["type"] == kind
