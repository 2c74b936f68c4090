"""An element in a run over its references: which there are, how counts are divided, merged and compared."""

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from histos.models import MonitoringElement
from runs.models import Certification, Lumisection, Run
from tests.histos.stored import figure, heat, store, unpacked

pytestmark = pytest.mark.django_db
SHAPE = np.array([0, 4, 9, 4, 1, 0.0])


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


def stored(runs: dict[int, float], n: int = 20, per: float = 100.0) -> MonitoringElement:
    """An element in some runs: by number their pile-up; luminosity falls along each, and the entries with it."""
    rng = np.random.default_rng(11)
    for number, pileup in runs.items():
        run, _ = Run.objects.get_or_create(number=number, defaults={"fill_number": 6694})
        for ls in range(1, n + 1):
            Lumisection.objects.create(
                run=run, number=ls, recorded_luminosity=0.5 - 0.01 * ls, delivered_luminosity=0.5, pileup=pileup,
                flags={"bpix_ready": ls != 3, "cms_active": True, "prescale_name": "2e34"},
            )  # fmt: skip
    element = None
    for number in runs:
        counts = rng.poisson(per * SHAPE * np.linspace(1, 0.6, n)[:, None])
        element = store(f"e{number}", counts.tolist(), run=number)
    assert element is not None
    first = MonitoringElement.objects.order_by("pk")[0]
    for number in list(runs)[1:]:
        MonitoringElement.objects.get(name=f"e{number}").histograms.update(element=first)
    return first


def facts(client: Client, url: str) -> dict[str, tuple[str, str]]:
    return {name: (value, meaning) for name, value, meaning in client.get(url).context["panel"].facts}


def test_the_golden_average_is_of_certified_lumisections_of_other_runs(client: Client) -> None:
    one = stored({100: 30, 101: 30, 102: 30})
    url = f"/histograms/{one.pk}/CMS/101/"
    assert client.get(f"{url}?reference=golden").status_code == 400
    for number, last in ((100, 10), (101, None), (102, None)):
        Certification.objects.create(
            run=Run.objects.get(number=number),
            first=3,
            last=last,
            flag="golden",
            status="GOOD",
            source="g.json",
        )
    page = client.get(f"{url}?reference=golden").context
    assert page["other"].words == "the golden average: 26 certified lumisections of 2 other runs (100, 102)"
    assert page["other"].held.values.sum() > 0
    assert [one.value for one in page["references"]][:3] == ["run", "golden", "similar"]
    assert client.get(f"{url}figure.json?reference=golden").status_code == 200


def test_a_lumisection_that_is_certified_bad_is_no_reference(client: Client) -> None:
    one = stored({100: 30, 101: 30})
    Certification.objects.create(
        run=Run.objects.get(number=100), first=1, last=9, flag="golden", status="BAD", source="g.json"
    )
    assert client.get(f"/histograms/{one.pk}/CMS/101/?reference=golden").status_code == 400


def test_the_most_similar_run_is_proposed_with_the_reason_in_words(client: Client) -> None:
    one = stored({100: 31, 101: 30, 102: 12})
    page = client.get(f"/histograms/{one.pk}/CMS/101/?reference=similar")
    assert page.context["other"].run.number == 100
    text = page.content.decode()
    for words in (
        "pile-up 31 (here 30)",
        "the same fill 6694",
        "the same prescale column 2e34",
        "not certified",
    ):
        assert words in text
    Run.objects.update(attributes={"hlt_key": {"value": "/cdaq/a", "unit": ""}})
    Run.objects.filter(number=100).update(attributes={"hlt_key": "/cdaq/other"}, fill_number=6)
    Lumisection.objects.filter(run__number=102).update(pileup=30.5)
    again = client.get(f"/histograms/{one.pk}/CMS/101/?reference=similar").context["other"]
    assert again.run.number == 102
    assert "the same trigger menu /cdaq/a" in again.why


def test_without_another_run_none_is_proposed(client: Client) -> None:
    one = stored({100: 31})
    answer = client.get(f"/histograms/{one.pk}/CMS/100/?reference=similar")
    assert answer.status_code == 400
    assert "reference: " in answer.content.decode()


def test_counts_are_divided_by_luminosity_and_by_pile_up(client: Client) -> None:
    one = stored({100: 20})
    url = f"/histograms/{one.pk}/CMS/100/figure.json"
    counts = heat(figure(client, f"{url}?norm=raw"))
    luminosity = 0.5 - 0.01 * np.arange(1, 21)
    np.testing.assert_allclose(heat(figure(client, f"{url}?norm=luminosity")), counts / luminosity, rtol=1e-5)
    found = figure(client, f"{url}?norm=pileup")
    np.testing.assert_allclose(heat(found), counts / 20, rtol=1e-5)
    assert "per unit of pile-up" in found["data"][0]["colorbar"]["title"]["text"]


def test_a_lumisection_without_luminosity_says_so(client: Client) -> None:
    one = stored({100: 20})
    Lumisection.objects.filter(number=7).update(recorded_luminosity=None)
    url = f"/histograms/{one.pk}/CMS/100/"
    assert "not known" in facts(client, f"{url}?norm=luminosity&ls=7")["recorded luminosity"][0]
    assert "χ²/ndf" not in facts(client, f"{url}?norm=luminosity&ls=7")
    found = figure(client, f"{url}figure.json?norm=luminosity")
    assert np.isnan(heat(found)[:, 6]).all()


def test_neighbouring_lumisections_are_merged_and_any_of_them_names_the_group(client: Client) -> None:
    one = stored({100: 20}, n=18)
    url = f"/histograms/{one.pk}/CMS/100/"
    single = heat(figure(client, f"{url}figure.json?norm=raw"))
    found = figure(client, f"{url}figure.json?norm=raw&merge=5")
    together = heat(found)
    np.testing.assert_allclose(together[:, 0], single[:, :5].sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(together[:, 3], single[:, 15:].sum(axis=1), rtol=1e-6)
    assert (found["data"][0]["x0"], found["data"][0]["dx"]) == (3, 5)
    panels = [client.get(f"{url}?merge=5&ls={ls}").context["panel"] for ls in (6, 8, 10)]
    assert {(one.ls, one.first, one.last, one.previous, one.next) for one in panels} == {(8, 6, 10, 3, 13)}
    assert "Lumisections 6 to 10 together" in client.get(f"{url}?merge=5&ls=6").content.decode()
    per_pb = heat(figure(client, f"{url}figure.json?norm=luminosity&merge=5"))
    luminosity = (0.5 - 0.01 * np.arange(1, 6)).sum()
    np.testing.assert_allclose(per_pb[:, 0], single[:, :5].sum(axis=1) / luminosity, rtol=1e-5)


def test_merged_profiles_are_weighted_by_entries(client: Client) -> None:
    one = store("p", [[0, 1, 1, 0], [0, 3, 5, 0]], storage="mean")
    one.histograms.filter(lumisection__number=1).update(entries=300)
    found = figure(client, f"/histograms/{one.pk}/CMS/5/figure.json?merge=2")
    assert heat(found)[:, 0].tolist() == [1.5, 2.0]


def test_large_maps_are_merged_in_whole_groups(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("histos.looking.in_run.MOST_CELLS", 16 * 6)
    axes = [{"lower": 0.0, "upper": 1.0, "bins": 2}] * 2
    one = store("map", [[1.0] * 16] * 20, axes=axes)
    here = client.get(f"/histograms/{one.pk}/CMS/5/?merge=3&ls=8").context["here"]
    assert here.sampled
    assert (here.counts.sum(axis=1)[:-1] == 48).all()
    assert here.row_of(8) is not None


def test_below_the_histogram_stand_pulls_the_ratio_or_the_difference(client: Client) -> None:
    one = stored({100: 20})
    url = f"/histograms/{one.pk}/CMS/100/?ls=4"
    titles = {
        below: client.get(f"{url}&below={below}").context["panel"].figure["layout"]["yaxis2"]["title"]["text"]
        for below in ("pull", "ratio", "difference")
    }
    assert titles == {"pull": "pull (σ)", "ratio": "ratio", "difference": "difference"}
    drawn = client.get(f"{url}&below=ratio").context["panel"].figure["data"]
    ratio = next(trace for trace in drawn if trace.get("name") == "ratio" and "error_y" in trace)
    assert unpacked(ratio["y"])[1] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(
    ("below", "title"), [("ratio", "ratio"), ("difference", "difference"), ("pull", "pull (σ)")]
)
def test_a_map_has_its_difference_beside_it(client: Client, below: str, title: str) -> None:
    axes = [{"lower": 0.0, "upper": 1.0, "bins": 3}] * 2
    counts = np.random.default_rng(2).poisson(50, (6, 25))
    one = store("map", counts.tolist(), axes=axes)
    found = figure(client, f"/histograms/{one.pk}/CMS/5/pulls.json?ls=2&below={below}")["data"][0]
    assert found["colorbar"]["title"]["text"] == title
    middle = (found["zmin"] + found["zmax"]) / 2
    assert middle == (1 if below == "ratio" else 0)
    inside = counts.reshape(6, 5, 5)[:, 1:-1, 1:-1]
    if below == "difference":
        others = np.delete(counts, 1, axis=0).sum(axis=0)
        expected = (others * counts[1].sum() / others.sum()).reshape(5, 5)[1:-1, 1:-1]
        np.testing.assert_allclose(heat({"data": [found]}), inside[1] - expected, rtol=1e-4, atol=1e-4)


def test_numbers_say_their_probability_and_what_they_are_of(client: Client) -> None:
    one = stored({100: 20})
    value, meaning = facts(client, f"/histograms/{one.pk}/CMS/100/?ls=4")["χ²/ndf"]
    assert " p = 0." in value or " p = 1" in value
    assert "flow bins among them" in meaning
    assert "shapes of 4 filled cells" in meaning
    rates = facts(client, f"/histograms/{one.pk}/CMS/100/?ls=4&norm=luminosity")["χ²/ndf"][1]
    assert "rates of 4 filled cells" in rates
    few = store("few", [[0, 1, 0, 1, 0, 0]] * 2, run=7)
    assert "p is only rough" in facts(client, f"/histograms/{few.pk}/CMS/7/?ls=1")["χ²/ndf"][1]


@pytest.mark.parametrize("trend", ["rms", "skewness", "kurtosis"])
def test_the_trend_of_any_moment_is_drawn(client: Client, trend: str) -> None:
    one = stored({100: 20})
    data = figure(client, f"/histograms/{one.pk}/CMS/100/figure.json?trend={trend}")["data"]
    assert next(one["name"] for one in data if one.get("mode") == "lines+markers") == trend


def test_the_trend_of_a_bin_is_drawn_and_a_bin_that_is_not_there_is_said(client: Client) -> None:
    one = stored({100: 20})
    url = f"/histograms/{one.pk}/CMS/100/"
    data = figure(client, f"{url}figure.json?bin=2&norm=raw")["data"]
    trend = next(trace for trace in data if trace.get("name") == "bin 2")
    np.testing.assert_allclose(unpacked(trend["y"]), heat({"data": data})[1], rtol=1e-6)
    assert "There is no bin 99" in client.get(f"{url}?bin=99").content.decode()
    profile = store("p", [[0, 1, 1, 0]] * 3, storage="mean", run=8)
    assert "A profile has no rms" in client.get(f"/histograms/{profile.pk}/CMS/8/?trend=rms").content.decode()


def test_what_oms_knows_stands_on_the_same_axis(client: Client) -> None:
    one = stored({100: 20})
    url = f"/histograms/{one.pk}/CMS/100/figure.json"
    data = figure(client, url)["data"]
    names = [trace.get("name") for trace in data]
    assert {"delivered", "recorded", "pile-up"} <= set(names)
    bits = next(trace for trace in data if trace.get("y") == ["bpix_ready"])
    assert unpacked(bits["z"])[0].tolist() == [1, 1, 0] + [1] * 17
    assert {trace.get("xaxis", "x") for trace in data} == {"x"}
    hidden = [trace.get("name") for trace in figure(client, f"{url}?oms=0")["data"]]
    assert not {"delivered", "pile-up"} & set(hidden)


@pytest.mark.parametrize(
    "query",
    ["norm=lumi", "below=pulls", "merge=0", "merge=1000", "trend=median", "bin=-1", "bin=x", "oms=2",
     "reference=golden run", "reference=run:x"],
)  # fmt: skip
def test_a_wrong_choice_is_named(client: Client, query: str) -> None:
    one = stored({100: 20})
    for end in ("", "figure.json"):
        answer = client.get(f"/histograms/{one.pk}/CMS/100/{end}?{query}")
        assert answer.status_code == 400
        assert f"{query.partition('=')[0]}: " in answer.content.decode()


def test_a_choice_keeps_all_others_in_the_address(client: Client) -> None:
    one = stored({100: 20, 101: 20})
    query = "?reference=run:101&norm=pileup&below=ratio&merge=2&log=1&oms=0&bin=3&ls=4"
    page = client.get(f"/histograms/{one.pk}/CMS/100/{query}").context
    urls = [choice.url for group in page["groups"] for choice in group.choices]
    assert len(urls) > 15
    asked = {part.partition("=")[0] for part in query[1:].split("&")}
    for url in urls:
        kept = {part.partition("=")[0] for part in url[1:].split("&")}
        assert len(asked - kept) <= 2, url
    assert "reference=run%3A101" in page["figure_url"]
    assert "merge=2" in page["click"]
    assert page["run_after_url"].endswith("CMS/101/" + page["run_after_url"].partition("CMS/101/")[2])
    assert "below=ratio" in page["run_after_url"]
    assert "ls=" not in page["run_after_url"]


@pytest.mark.parametrize(
    ("typed", "where"),
    [("101:7", "/CMS/101/?norm=raw&ls=7"), ("101", "/CMS/101/?norm=raw"), (":12", "/CMS/100/?norm=raw&ls=12"),
     (" 101 : 7 ", "/CMS/101/?norm=raw&ls=7")],
)  # fmt: skip
def test_the_jump_box_keeps_the_element_and_the_view(client: Client, typed: str, where: str) -> None:
    one = stored({100: 20, 101: 20})
    answer = client.get(f"/histograms/{one.pk}/CMS/100/", {"norm": "raw", "ls": "3", "jump": typed})
    assert answer.status_code == 302
    assert answer["Location"] == f"/histograms/{one.pk}{where}"


@pytest.mark.parametrize("typed", ["abc", ":", "1:0", "1:2:3", "316187:99999999999", "١٢"])
def test_a_place_that_is_none_is_refused(client: Client, typed: str) -> None:
    one = stored({100: 20})
    answer = client.get(f"/histograms/{one.pk}/CMS/100/", {"jump": typed})
    assert answer.status_code == 400
    assert "jump: " in answer.content.decode()


def test_the_figure_of_a_long_run_stays_small(client: Client) -> None:
    one = store("wide", np.random.default_rng(6).poisson(50, (40, 102)).tolist(), run=9)
    run = Run.objects.get(number=9)
    Lumisection.objects.filter(run=run).update(recorded_luminosity=0.3, pileup=30, flags={"a": True})
    told = {"recorded_luminosity": 0.3, "delivered_luminosity": 0.3, "pileup": 30.0}
    Lumisection.objects.bulk_create(
        Lumisection(run=run, number=number, flags={"a": number % 7 > 0}, **told) for number in range(41, 1501)
    )
    answer = client.get(f"/histograms/{one.pk}/CMS/9/figure.json")
    assert len(answer.content) <= 300_000
    assert json.loads(answer.content)["data"][0]["dx"] == 5
