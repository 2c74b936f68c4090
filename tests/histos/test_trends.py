"""Trends from run to run: of histograms, and of the moments that run-level files tell."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from histos.models import Dataset, LumisectionHistogram, MonitoringElement, RunHistogram, RunMoments
from histos.services import ensure_dataset
from runs.models import Lumisection, Run
from tests.histos.stored import figure, heat, store, unpacked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def element() -> MonitoringElement:
    """In runs 5 to 8, three lumisections each; from run to run the entries move one bin up."""
    made = []
    for place, number in enumerate((5, 6, 7, 8)):
        counts = np.zeros(8)
        counts[1 + place], counts[2 + place] = 30, 10
        made.append(store(f"e{number}", [counts.tolist()] * 3, run=number))
        told = {"pileup": 20 + place, "flags": {"bpix_ready": place != 1, "cms_active": True}}
        Lumisection.objects.filter(run__number=number).update(**told)
        Run.objects.filter(number=number).update(recorded_luminosity=10 + place)
    LumisectionHistogram.objects.update(element=made[0])
    return made[0]


def trace(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["data"] if one.get("name") == name)


def test_a_moment_is_drawn_from_run_to_run_with_the_conditions(client: Client, element: Any) -> None:
    found = figure(client, f"/histograms/{element.pk}/runs/figure.json")
    mean = trace(found, "mean")
    assert mean["x"] == ["5", "6", "7", "8"]
    np.testing.assert_allclose(np.diff(unpacked(mean["y"])), 0.5, rtol=1e-5)
    errors = unpacked(mean["error_y"]["array"])
    assert errors[0] == pytest.approx(0.5 * np.sqrt(0.25 * 0.75 / 120), rel=1e-3)
    assert unpacked(trace(found, "pile-up")["y"]).tolist() == [20, 21, 22, 23]
    assert unpacked(trace(found, "recorded")["y"]).tolist() == [10, 11, 12, 13]
    assert heat(found)[:, 1].tolist() == [0, 0.75, 0.25, 0, 0, 0]
    bits = next(one for one in found["data"] if one.get("y") == ["bpix_ready"])
    assert unpacked(bits["z"])[0].tolist() == [1, 0, 1, 1]


def test_the_fraction_in_a_bin_is_drawn(client: Client, element: Any) -> None:
    found = figure(client, f"/histograms/{element.pk}/runs/figure.json?bin=2")
    np.testing.assert_allclose(unpacked(trace(found, "fraction in bin 2")["y"]), [0.25, 0.75, 0, 0])


def test_a_run_is_one_click_away(client: Client, element: Any) -> None:
    page = client.get(f"/histograms/{element.pk}/runs/").context
    assert page["click"] == f"/histograms/{element.pk}/CMS/{{x}}/?dataset=ZB"
    assert [run.number for run in page["runs"]] == [5, 6, 7, 8]


def test_histograms_of_whole_runs_go_before_lumisections(client: Client, element: Any) -> None:
    for run in Run.objects.all()[:2]:
        RunHistogram.objects.create(
            run=run,
            dataset=Dataset.objects.get(),
            element=element,
            entries=9,
            counts=np.array([0, 0, 0, 9, 0, 0, 0, 0]),
        )
    page = client.get(f"/histograms/{element.pk}/runs/").context
    assert page["asked"].sources == ["run", "lumisections"]
    assert [run.number for run in page["runs"]] == [5, 6]
    found = figure(client, f"/histograms/{element.pk}/runs/figure.json")
    assert unpacked(trace(found, "mean")["y"]).tolist() == [1.25, 1.25]
    assert unpacked(trace(found, "entries")["y"]).tolist() == [9, 9]
    other = client.get(f"/histograms/{element.pk}/runs/?from=lumisections").context
    assert len(other["runs"]) == 4


def test_runs_come_in_pages_and_two_experiments_never_share_an_axis(
    client: Client, element: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("histos.looking.over_runs.MOST", 3)
    Run.objects.filter(number=8).update(experiment="other")
    Run.objects.filter(number=5).update(number=4)
    page = client.get(f"/histograms/{element.pk}/runs/?experiment=CMS").context
    assert [run.number for run in page["runs"]] == [4, 6, 7]
    assert [run.number for run in client.get(f"/histograms/{element.pk}/runs/").context["runs"]] == [8]
    monkeypatch.setattr("histos.looking.over_runs.MOST", 2)
    page = client.get(f"/histograms/{element.pk}/runs/?experiment=CMS").context
    assert [run.number for run in page["runs"]] == [6, 7]
    earlier = client.get(f"/histograms/{element.pk}/runs/{page['further_url']}").context
    assert ([run.number for run in earlier["runs"]], earlier["further_url"]) == ([4], "")


@pytest.mark.parametrize("query", ["trend=median", "bin=99", "bin=x", "before=x", "dataset=x", "from=run"])
def test_a_wrong_parameter_is_named(client: Client, element: Any, query: str) -> None:
    answer = client.get(f"/histograms/{element.pk}/runs/?{query}")
    assert answer.status_code == 400
    assert f"{query.partition('=')[0]}: " in answer.content.decode()


def test_an_element_without_histograms_has_no_trend(client: Client) -> None:
    bare = MonitoringElement.objects.create(
        name="bare", binning="b", dimension=1, axes=[{"lower": 0.0, "upper": 1.0, "bins": 3}]
    )
    assert "load_histos" in client.get(f"/histograms/{bare.pk}/runs/").content.decode()
    assert client.get(f"/histograms/{bare.pk}/runs/figure.json").status_code == 404


def test_maps_and_profiles_have_trends_of_what_they_have(client: Client) -> None:
    axes = [{"lower": 0.0, "upper": 1.0, "bins": 2}] * 2
    half = store("map", [[1.0] * 8 + [0.0] * 8], axes=axes)
    assert unpacked(
        trace(figure(client, f"/histograms/{half.pk}/runs/figure.json"), "occupied cells")["y"]
    ) == [0.5]
    profile = store("profile", [[0, 2, 4, 0], [0, 4, 6, 0]], storage="mean", run=6)
    found = figure(client, f"/histograms/{profile.pk}/runs/figure.json")
    assert unpacked(trace(found, "mean over bins")["y"]) == [4]


# What run-level files tell


@pytest.fixture
def moments() -> Dataset:
    dataset = ensure_dataset("/ZeroBias/Run2018A-UL/DQMIO")
    for place, number in enumerate((315257, 315258, 315259)):
        run = Run.objects.create(number=number)
        for name in ("Tracking/General/Chi2", "Tracking/General/Pt", "Pixel/adc"):
            RunMoments.objects.create(
                run=run, dataset=dataset, element=name, path=f"Run {number}/{name}", entries=400,
                mean=3.0 + place, rms=2.0, skewness=0.1, kurtosis=None,
            )  # fmt: skip
    return dataset


def test_run_level_trends_stand_in_their_folders(client: Client, moments: Dataset) -> None:
    top = client.get("/histograms/trends/").context
    assert [one.name for one, _ in top["cards"]] == [
        "Pixel/adc",
        "Tracking/General/Chi2",
        "Tracking/General/Pt",
    ]
    assert [one.path for one, _ in top["folders"]] == ["Pixel/", "Tracking/"]
    assert top["cards"][0][0].n == 3
    inside = client.get("/histograms/trends/?folder=Tracking/General/&trend=entries").context
    assert [one.name for one, _ in inside["cards"]] == ["Tracking/General/Chi2", "Tracking/General/Pt"]


def test_run_level_trends_come_in_pages(client: Client, moments: Dataset, monkeypatch: Any) -> None:
    monkeypatch.setattr("histos.looking.run_trends.MOST", 2)
    first = client.get("/histograms/trends/").context
    second = client.get("/histograms/trends/" + first["next_url"]).context
    assert [one.name for one, _ in second["cards"]] == ["Tracking/General/Pt"]
    assert second["next_url"] == ""


def test_one_run_level_trend_is_drawn_with_errors_from_its_entries(client: Client, moments: Dataset) -> None:
    _, url = client.get("/histograms/trends/").context["cards"][1]
    page = client.get(url)
    assert page.status_code == 200
    assert page.context["click"] == "/runs/CMS/{x}/"
    found = figure(client, page.context["figure_url"])
    mean = trace(found, "mean")
    assert mean["x"] == ["315257", "315258", "315259"]
    assert unpacked(mean["y"]).tolist() == [3, 4, 5]
    np.testing.assert_allclose(unpacked(mean["error_y"]["array"]), 2 / 20)
    rms = figure(client, page.context["figure_url"] + "&trend=rms")
    np.testing.assert_allclose(unpacked(trace(rms, "rms")["error_y"]["array"]), 2 / np.sqrt(800))


def test_moments_of_an_element_stand_on_its_own_page_too(client: Client, moments: Dataset) -> None:
    one = store("Pixel/adc", [[0, 1, 2, 0]], run=315257)
    page = client.get(f"/histograms/{one.pk}/runs/?dataset={moments.name}").context
    assert page["asked"].source == "moments"
    found = figure(client, f"/histograms/{one.pk}/runs/figure.json?dataset={moments.name}")
    assert unpacked(trace(found, "mean")["y"]).tolist() == [3, 4, 5]


def test_without_moments_it_says_where_they_come_from(client: Client) -> None:
    assert "run-csv" in client.get("/histograms/trends/").content.decode()
    assert client.get("/histograms/trends/?dataset=x").status_code == 400
    assert client.get("/histograms/trends/one/").status_code == 404
