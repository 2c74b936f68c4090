"""How strong a fault must be to be seen: the study, its page, its report, and numbers read off its curves."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from detections.comparison import efficiency_at, reached
from detections.models import Comparison, SampleSet
from detections.strength.curves import Curves
from histos.injections import INJECTIONS

DETECTORS = ("random", "reference_chi2", "max_pull")


def bins(*pairs: tuple[float, float]) -> list[dict[str, float]]:
    return [
        {"median_strength": at, "efficiency": found, "low95": found - 0.1, "high95": min(found + 0.1, 1)}
        for at, found in pairs
    ]


def test_an_efficiency_lies_between_those_of_the_bins_beside_it() -> None:
    curve = bins((1.0, 0.1), (5.0, 0.5), (7.0, 0.9))
    found = efficiency_at(curve, 6.0)
    assert found is not None
    assert found.efficiency == pytest.approx(0.7)
    assert found.low95 == pytest.approx(0.6)
    assert efficiency_at(curve, 0.5) is None
    assert efficiency_at(curve, 8.0) is None


def test_an_efficiency_is_reached_only_where_no_stronger_bin_falls_below_it() -> None:
    assert reached(bins((1.0, 0.1), (5.0, 0.9), (7.0, 1.0))) == pytest.approx(6.0)
    assert reached(bins((1.0, 0.1), (3.0, 0.97), (5.0, 0.9), (7.0, 1.0))) == pytest.approx(6.0)
    assert reached(bins((2.0, 0.96), (5.0, 1.0))) == 2.0
    assert reached(bins((2.0, 0.96), (5.0, 0.6))) is None
    assert reached([]) is None


def test_bins_that_hold_nothing_are_left_out() -> None:
    curve = [*bins((1.0, 0.1)), {"median_strength": None, "efficiency": None}, *bins((7.0, 1.0))]
    assert efficiency_at(curve, 4.0) is not None


@pytest.fixture
def studied(simulated_histograms: dict[str, Any], tmp_path: Path, capsys: Any) -> dict[str, Any]:
    call_command(
        "study_strength", "study", "--dataset", simulated_histograms["dataset"], "--experiment", "CMS-simulated",
        "--detectors", *DETECTORS, "--fraction", "0.4", "--n-boot", "20", "--report", str(tmp_path / "strength.md"),
        "--json",
    )  # fmt: skip
    result: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return result | {"folder": tmp_path}


@pytest.mark.django_db
def test_the_study_is_the_product_itself(studied: dict[str, Any]) -> None:
    comparison = Comparison.objects.get(pk=studied["comparison"])
    assert comparison.sample_set.name == "study-faults"
    assert set(comparison.results["trials"]) == set(DETECTORS)
    curves = Curves(comparison.results["strength"], comparison.params["far"])
    assert set(curves.kinds) == set(INJECTIONS)
    parent = SampleSet.objects.get(name="study")
    assert len(set(parent.folds.tolist())) == parent.n_groups
    for trial in comparison.trials.all():
        assert all(one["n"] < parent.n_samples for one in trial.fitted_on["rounds"])
    report = (studied["folder"] / "strength.md").read_text()
    assert "| reference_chi2 |" in report
    for kind in INJECTIONS:
        assert f"pictures/strength-{kind}.svg" in report
        assert "<svg" in (studied["folder"] / "pictures" / f"strength-{kind}.svg").read_text()


@pytest.mark.django_db
def test_its_page_draws_every_kind_with_bands_and_the_chosen_detectors(
    studied: dict[str, Any], client: Client, viewer: Any, django_assert_max_num_queries: Any
) -> None:
    client.force_login(viewer)
    url = f"/compare/{studied['comparison']}/strength/"
    with django_assert_max_num_queries(8):
        page = client.get(url).content.decode()
    for kind in INJECTIONS:
        assert f'id="{kind}"' in page
    assert page.count('class="band ') >= 2
    assert "chance" in page
    chosen = client.get(url, {"detector": ["random", "nobody"]}).content.decode()
    assert 'value="random" checked' in chosen
    assert 'value="max_pull" checked' not in chosen
    assert url in client.get(f"/compare/{studied['comparison']}/").content.decode()


@pytest.mark.django_db
def test_a_comparison_without_injections_says_so(client: Client, viewer: Any, catalog_set: SampleSet) -> None:
    from detections.services import compare_trials, run_trial

    run_trial(catalog_set, "robust_z")
    comparison, _ = compare_trials(catalog_set, n_boot=5)
    client.force_login(viewer)
    answer = client.get(f"/compare/{comparison.pk}/strength/")
    assert answer.status_code == 200
    assert "Nothing was injected" in answer.content.decode()
    assert client.get("/compare/999999/strength/").status_code == 404


@pytest.mark.django_db
def test_a_set_injected_before_the_measure_changed_opens_as_it_was_frozen(histogram_set: SampleSet) -> None:
    from detections.services import inject_samples, open_set
    from detections.services.freezing import save_set
    from detections.services.injecting import injected

    recipe = {"kinds": sorted(INJECTIONS), "fraction": 0.2, "strength": None, "seed": 1}
    chosen, vectors = injected(open_set(histogram_set), recipe)
    old, _ = save_set("old", "histograms", chosen, split="cross", parent=histogram_set, **vectors)
    assert open_set(SampleSet.objects.get(pk=old.pk)).sample_set == old
    assert inject_samples(histogram_set, "old", fraction=0.2, seed=1) == (old, False)
    new, made = inject_samples(histogram_set, "new", fraction=0.2, seed=1)
    assert made
    assert new.recipe["injection"]["measure"] == "likelihood"
