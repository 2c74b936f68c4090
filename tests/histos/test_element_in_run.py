"""The page of an element in a run: its heat map, the chosen lumisection over a reference, what is in the address."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.models import SourceFile
from runs.models import Lumisection, Run
from tests.histos.csv_files import HEADER, row
from tests.histos.loads import load
from tests.histos.stored import FLAT, at, element, figure, heat, store, unpacked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


def test_without_a_lumisection_it_shows_the_one_that_differs_most(client: Client, loaded: SourceFile) -> None:
    panel = client.get(at()).context["panel"]
    assert (panel.ls, panel.state, panel.strangest) == (7, "shown", True)
    assert (panel.previous, panel.next) == (6, 8)


def test_the_figure_shows_every_lumisection_with_its_shape(client: Client, loaded: SourceFile) -> None:
    found = figure(client, at(end="figure.json"))
    z = heat(found)
    assert z.shape == (5, 12)
    assert z[:, 6].tolist() == [0, 0, 0, 0.25, 0.75]
    flow = {trace["name"]: unpacked(trace["z"]) for trace in found["data"][1:3]}
    np.testing.assert_allclose(z.sum(axis=0) + flow["underflow"][0] + flow["overflow"][0], 1, rtol=1e-6)
    trends = {trace["name"]: unpacked(trace["y"]) for trace in found["data"][3:] if "name" in trace}
    assert list(trends) == ["mean", "entries", "χ²/ndf"]
    assert trends["χ²/ndf"].argmax() == 6
    assert trends["mean"][6] == pytest.approx(8.5)


def test_raw_counts_are_as_they_were_stored(client: Client, loaded: SourceFile) -> None:
    z = heat(figure(client, at(end="figure.json?norm=raw")))
    stored = LumisectionHistogram.objects.filter(element=element()).order_by("lumisection__number")
    np.testing.assert_array_equal(z, np.array([one.counts[1:-1] for one in stored]).T)


def test_lumisections_without_a_histogram_are_gaps_and_named(client: Client) -> None:
    one = store("gappy", [FLAT, FLAT, [0] * 7], numbers=[1, 4, 5])
    for number in (2, 3, 6):
        Lumisection.objects.create(run=Run.objects.get(number=5), number=number)
    url = f"/histograms/{one.pk}/CMS/5/"
    z = heat(figure(client, f"{url}figure.json"))
    assert z.shape == (5, 6)
    assert np.isnan(z).all(axis=0).tolist() == [False, True, True, False, True, True]
    page = client.get(url)
    assert (page.context["without"], page.context["n_empty"]) == ([(2, 3), (6, 6)], 1)
    states = {ls: client.get(f"{url}?ls={ls}").context["panel"].state for ls in (1, 2, 5, 99)}
    assert states == {1: "shown", 2: "no data", 5: "empty", 99: "no data"}
    assert client.get(f"{url}?ls=2").context["panel"].next == 4


def test_a_click_brings_the_panel_alone(client: Client, loaded: SourceFile) -> None:
    part = client.get(at(end="?ls=3"), headers={"HX-Target": "histogram"})
    page = part.content.decode()
    assert '<section id="histogram"' in page
    assert "<html" not in page
    assert 'data-ls="3"' in page
    assert "HX-Target" in part["Vary"]


def test_arrows_walk_lumisections_and_elements_and_keep_the_state(client: Client, loaded: SourceFile) -> None:
    answer = client.get(at(end="?ls=3&norm=raw&log=1"))
    panel = answer.context["panel"]
    assert "norm=raw" in answer.context["next_url"]
    assert "ls=4" in answer.context["next_url"]
    assert panel.element_before.startswith(at("element_0"))
    assert panel.element_after.startswith(at("element_2"))
    assert "log=1" in panel.element_after
    assert "ls=3" in panel.element_after
    assert client.get(at("element_2")).context["panel"].element_after == ""


def test_the_reference_may_be_another_run(client: Client, loaded: SourceFile, tmp_path: Path) -> None:
    lines = [row(999, number, "element_1", [0, 0, 0, 0, 500, 1500, 0]) for number in range(1, 4)]
    (tmp_path / "b.csv").write_text(HEADER + "".join(lines))
    load(tmp_path / "b.csv")
    page = client.get(at(end="?reference=run:999&ls=7")).context
    assert [(one.value, one.chosen) for one in page["references"]] == [
        ("run", False),
        ("similar", False),
        ("run:999", True),
    ]
    (chi2,) = [value for name, value, _ in page["panel"].facts if name == "χ²/ndf"]
    assert chi2.startswith("0 /")
    own = client.get(at(end="?ls=7")).context["panel"].facts
    assert not next(value for name, value, _ in own if name == "χ²/ndf").startswith("0 /")


@pytest.mark.parametrize(
    "query",
    ["ls=x", "ls=0", "ls=99999999999", "norm=half", "log=yes", "reference=run:", "reference=mean", "reference=run:31",
     "reference=run:99999999999999999999", "dataset=Other", "trial=x", "trial=99"],
)  # fmt: skip
def test_a_wrong_parameter_is_named(client: Client, loaded: SourceFile, query: str) -> None:
    for end in ("", "figure.json"):
        answer = client.get(at(end=f"{end}?{query}"))
        assert answer.status_code == 400
        assert f"{query.partition('=')[0]}: " in answer.content.decode()


def test_a_run_that_does_not_hold_the_element_says_so(client: Client, loaded: SourceFile) -> None:
    Lumisection.objects.create(run=Run.objects.create(number=2000), number=1)
    url = at(run="CMS/2000")
    answer = client.get(url)
    assert answer.status_code == 200
    assert "holds no histogram of this element" in answer.content.decode()
    assert client.get(f"{url}figure.json").status_code == 404
    assert client.get(at(run="CMS/3000")).status_code == 404


def test_an_experiment_may_have_a_slash_in_its_name(client: Client, loaded: SourceFile) -> None:
    Run.objects.update(experiment="lab/beam 1")
    assert client.get(at(run="lab/beam%201/1000")).status_code == 200
    assert client.get("/histograms/of/lab/beam%201/1000/").status_code == 200


def test_what_is_still_loading_is_not_there(client: Client, loaded: SourceFile) -> None:
    SourceFile.objects.update(state=SourceFile.State.LOADING)
    assert client.get(f"/histograms/{element().pk}/").status_code == 404
    MonitoringElement.objects.update(file=None)
    Run.objects.update(file=None)
    Dataset.objects.update(file=None)
    assert "holds no histogram" in client.get(at()).content.decode()
    Lumisection.objects.update(file=None)
    assert "holds no histogram" in client.get(at()).content.decode()


def test_bins_of_different_width_are_drawn_per_width(client: Client) -> None:
    axes = [{"lower": 0.0, "upper": 9.0, "bins": 3, "edges": [0.0, 1.0, 3.0, 9.0]}]
    one = store("uneven", [[0, 1, 2, 6, 0]] * 3, axes=axes)
    found = figure(client, f"/histograms/{one.pk}/CMS/5/figure.json?norm=raw")
    assert heat(found)[:, 0].tolist() == [1, 1, 1]
    assert "per unit of x" in found["data"][0]["colorbar"]["title"]["text"]


def test_flow_bins_stand_apart_where_they_are_ever_filled(client: Client) -> None:
    one = store("over", [[0, 1, 2, 3, 4], [0, 1, 2, 3, 0]])
    for query in ("", "?log=1", "?norm=raw"):
        found = figure(client, f"/histograms/{one.pk}/CMS/5/figure.json{query}")
        assert [trace["name"] for trace in found["data"] if trace["type"] == "heatmap"] == ["", "overflow"]
        assert "yaxis2" in found["layout"]
        assert "yaxis3" not in found["layout"]


def test_the_means_of_a_profile_are_not_normalised(client: Client) -> None:
    rng = np.random.default_rng(4)
    values = rng.normal(5, 0.1, (20, 6))
    values[12] += 3
    one = store("profile", values.tolist(), storage="mean")
    url = f"/histograms/{one.pk}/CMS/5/"
    z = heat(figure(client, f"{url}figure.json"))
    np.testing.assert_allclose(z, values[:, 1:-1].T, rtol=1e-6)
    page = client.get(url).context
    assert page["panel"].ls == 13
    assert "unit area" not in client.get(url).content.decode()
    assert "KS distance" not in [name for name, _, _ in page["panel"].facts]


def test_weights_are_judged_as_the_entries_they_stand_for(client: Client) -> None:
    weights = np.random.default_rng(5).poisson(14, (30, 7)) / 1e4
    one = store("weighted", weights.tolist(), storage="weighted")
    trends = figure(client, f"/histograms/{one.pk}/CMS/5/figure.json")["data"]
    (reduced,) = [unpacked(trace["y"]) for trace in trends if trace.get("name") == "χ²/ndf"]
    assert 0.5 < reduced.mean() < 2


def test_three_hundred_lumisections_of_a_hundred_bins_are_a_small_figure(client: Client) -> None:
    one = store("wide", np.random.default_rng(6).poisson(50, (320, 102)).tolist())
    url = f"/histograms/{one.pk}/CMS/5/"
    answer = client.get(f"{url}figure.json")
    assert len(answer.content) <= 300_000
    assert heat(json.loads(answer.content)).shape == (100, 320)
    assert client.get(url).context["notes"] == []
    assert len(client.get(url).content) <= 150_000


def test_of_many_lumisections_only_those_without_neighbours_are_marked(client: Client) -> None:
    numbers = [*range(1, 301), 310]
    store("many", [FLAT] * len(numbers), numbers=numbers)
    drawn = figure(client, at("many", "CMS/5", "figure.json"))["data"]
    means = [trace for trace in drawn if trace.get("name") == "mean"]
    assert [trace["mode"] for trace in means] == ["lines", "markers"]
    assert unpacked(means[1]["x"]).tolist() == [310]
    store("few", [FLAT] * 3, run=6)
    drawn = figure(client, at("few", "CMS/6", "figure.json"))["data"]
    assert [trace["mode"] for trace in drawn if trace.get("name") == "mean"] == ["lines+markers"]


def test_what_is_merged_in_a_long_run_is_said(client: Client) -> None:
    one = store("long", [FLAT, FLAT], numbers=[1, 2500])
    url = f"/histograms/{one.pk}/CMS/5/"
    for number in range(2, 40):
        Lumisection.objects.create(run=Run.objects.get(number=5), number=number)
    page = client.get(url)
    assert "3 lumisections are one column" in " ".join(page.context["notes"])
    found = figure(client, f"{url}figure.json")
    column = found["data"][0]
    assert (column["x0"], column["dx"]) == (2, 3)
    assert len(client.get(f"{url}figure.json").content) <= 300_000


MAP = [{"lower": -1.0, "upper": 1.0, "bins": 4}, {"lower": 0.0, "upper": 3.0, "bins": 3}]


def test_a_map_stands_beside_its_reference_and_their_pulls(client: Client) -> None:
    counts = np.random.default_rng(7).poisson(40, (10, 5, 6)).astype(float)
    counts[4, 2, 3] = 0
    one = store("map", counts.reshape(10, -1).tolist(), axes=MAP)
    url = f"/histograms/{one.pk}/CMS/5/"
    panel = client.get(url).context["panel"]
    assert (panel.ls, [part for part, _, _ in panel.maps]) == (5, ["counts", "reference", "pulls"])
    drawn = {part: heat(figure(client, address)) for part, address, _ in panel.maps}
    np.testing.assert_array_equal(drawn["counts"], counts[4, 1:-1, 1:-1])
    assert drawn["reference"][1, 2] == pytest.approx(40, rel=0.15)
    assert np.unravel_index(drawn["pulls"].argmin(), (3, 4)) == (1, 2)
    pulls = figure(client, panel.maps[2][1])["data"][0]
    assert pulls["zmin"] == -pulls["zmax"]
    names = [trace.get("name") for trace in figure(client, f"{url}figure.json")["data"]]
    assert names[:2] == ["occupancy", "entries"]


@pytest.mark.parametrize("end", ["counts.json", "counts.json?ls=99", "other.json?ls=1"])
def test_a_map_that_is_not_there_is_not_found(client: Client, end: str) -> None:
    one = store("map", [[1.0] * 30], axes=MAP)
    assert client.get(f"/histograms/{one.pk}/CMS/5/{end}").status_code == 404


def test_large_maps_are_sampled_and_the_chosen_one_is_read(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("histos.looking.in_run.MOST_CELLS", 90)
    one = store("map", [[1.0 + number] * 30 for number in range(10)], axes=MAP)
    page = client.get(f"/histograms/{one.pk}/CMS/5/?ls=3").context
    assert page["here"].sampled
    assert page["panel"].state == "shown"
    assert len(page["here"].numbers) == 10


def test_large_maps_are_read_by_their_keys_alone(client: Client, monkeypatch: Any) -> None:
    """Beside the lumisections of the run SQLite would try every key with each of these: 0.3 s for 300 maps of 1,500."""
    monkeypatch.setattr("histos.looking.in_run.MOST_CELLS", 90)
    one = store("map", [[1.0 + number] * 30 for number in range(10)], axes=MAP)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/histograms/{one.pk}/CMS/5/?ls=3")
    (chosen,) = (
        each["sql"]
        for each in queries.captured_queries
        if 'AS "pk", "histos_lumisectionhistogram"."counts"' in each["sql"]
    )
    assert '"lumisection_id"' not in chosen
