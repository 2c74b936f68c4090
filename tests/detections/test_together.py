"""Several elements judged together: one score per lumisection, which says who contributed and which bins drive it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import Client

from detections.detectors import make
from detections.detectors.check_data import good
from detections.detectors.tails import Tail
from detections.models import SampleSet, Trial
from detections.reasons.seen import SeenHistogram, seen
from detections.services import compare_trials, freeze_samples, inject_samples, open_set, run_trial
from detections.services.freezing import unpacked
from project.samples import HistogramSequence, Together
from project.together import together


@pytest.fixture
def together_set(simulated_histograms: dict[str, Any]) -> SampleSet:
    return freeze_samples("all", "histograms", {**simulated_histograms, "together": True}, folds=0)[0]


@pytest.fixture
def faulty(together_set: SampleSet) -> SampleSet:
    return inject_samples(together_set, "all-faults", fraction=0.4, strength=(0.3, 0.5), seed=5)[0]


def elements(n: int = 400, common: float = 0.0) -> Together:
    """Ten elements of 1,000 entries; ``common`` moves all of them together from lumisection to lumisection."""
    rng = np.random.default_rng(0)
    x, move = np.linspace(-3, 3, 20), common * rng.normal(size=(n, 1))
    shape = np.exp(-((x - move) ** 2) / 2)
    shape /= shape.sum(axis=1, keepdims=True)
    names = {
        "ids": np.array([f"S:{row % 8}:{row}" for row in range(n)]),
        "groups": np.array([f"S:{row % 8}" for row in range(n)]),
    }
    return together([
        HistogramSequence(
            counts=np.pad(rng.poisson(1000 * shape), ((0, 0), (1, 1))), edges=(np.linspace(-3, 3, 21),),
            times=np.arange(n), entries=np.full(n, 1000.0), element=f"e{number}", **names,
        )
        for number in range(10)
    ])  # fmt: skip


@pytest.mark.parametrize("by", ["fisher", "tippett", "max"])
@pytest.mark.parametrize("common", [0.0, 0.06])
def test_elements_that_move_together_do_not_make_false_alarms(by: str, common: float) -> None:
    samples = elements(common=common)
    first = np.arange(400) < 200
    scores = make("combined", of="max_pull", by=by).fit(samples.take(first)).score(samples.take(~first))
    assert np.mean(scores > 1.645) < 0.12


def test_fishers_own_distribution_would_promise_too_much() -> None:
    samples = elements(common=0.06)
    detector = make("combined", of="max_pull", by="fisher").fit(samples)
    assert detector.calibration_.scales[0] > 1.5  # type: ignore[attr-defined]


def test_a_weak_fault_in_all_elements_is_fishers_and_a_strong_one_in_a_single_one_tippetts() -> None:
    samples = elements()
    first = np.arange(400) < 200
    test = samples.take(~first)

    def found(by: str, wrong: tuple[int, ...], lost: float) -> float:
        rng = np.random.default_rng(1)
        changed = tuple(
            replace(one, counts=np.where(np.arange(22) == 10, rng.binomial(one.counts, 1 - lost), one.counts))
            if number in wrong else one for number, one in enumerate(test.elements)
        )  # fmt: skip
        detector = make("combined", of="max_pull", by=by).fit(samples.take(first))
        usual = np.quantile(detector.score(test), 0.99)
        return float(np.mean(detector.score(replace(test, elements=changed)) > usual))

    everywhere, one = tuple(range(10)), (3,)
    assert found("fisher", everywhere, 0.25) > found("tippett", everywhere, 0.25)
    assert found("tippett", one, 0.45) > found("fisher", one, 0.45)


def test_what_is_missing_is_left_out_and_counted() -> None:
    samples = good("together")
    detector = make("combined").fit(samples)
    told = [one[-1]["contributed"] for one in detector.reasons(samples, np.array([0, 1]))]
    assert sorted(told) == ["1 of 2 elements", "2 of 2 elements"]


def test_a_tail_goes_on_beyond_the_highest_good_score() -> None:
    scores = np.random.default_rng(0).exponential(size=5000)
    found = Tail.of(scores).log_p(np.array([0.0, np.log(2), 3.0, 12.0, np.nan]))
    assert found[:4] == pytest.approx([0, -np.log(2), -3, -12], rel=0.1, abs=0.02)
    assert np.isnan(found[4])
    assert np.isfinite(Tail.of(np.zeros(50)).log_p(np.array([0.0, 1.0, 1e9]))).all()


@pytest.mark.django_db
def test_a_set_of_elements_together_has_one_score_for_each_lumisection(together_set: SampleSet) -> None:
    assert together_set.kind == Together.kind
    keys = unpacked(together_set.keys)
    assert together_set.n_scores == len(keys) == len(set(keys))
    assert all(key.count(":") == 2 and " " not in key for key in keys)
    assert open_set(together_set).sample_set == together_set


@pytest.mark.django_db
def test_every_run_is_judged_by_what_other_runs_taught(together_set: SampleSet) -> None:
    trial, _ = run_trial(together_set, "combined", {"of": "reference_chi2"})
    assert len(trial.fitted_on["rounds"]) == together_set.n_groups
    part: Any = open_set(together_set).parts[0]
    for fold in np.unique(part.folds):
        assert len(set(part.groups[part.folds == fold])) == 1


@pytest.mark.django_db
def test_a_fault_in_one_element_is_found_and_named(faulty: SampleSet, client: Client, viewer: Any) -> None:
    trial, _ = run_trial(faulty, "combined", {"of": "reference_chi2", "by": "tippett"}, alarm_fraction=0.1)
    run_trial(faulty, "random")
    compared, _ = compare_trials(faulty, n_boot=20)
    best = compared.results["classes"]["all"]["rows"][0]
    assert best["detector"].startswith("combined")
    assert best["metrics"]["roc_auc"]["value"] > 0.8
    first = trial.detections.get(rank=1)
    assert first.lumisection is not None
    assert first.reasons[-1]["contributed"].endswith("of 4 elements")
    shown = seen(faulty, [first])[first.pk]
    assert isinstance(shown, SeenHistogram)
    assert shown.element.name == first.reasons[0]["element"]
    assert shown.before is not None
    client.force_login(viewer)
    page = client.get(f"/detections/{first.pk}/").content.decode()
    assert "contributed" in page
    assert shown.element.name.rsplit("/", 1)[-1] in page
    assert client.get(f"/trials/{trial.pk}/").status_code == 200


@pytest.mark.django_db
def test_its_reasons_are_marked_on_the_pages_of_the_elements_they_name(
    faulty: SampleSet, client: Client, viewer: Any
) -> None:
    trial: Trial = run_trial(faulty, "combined", {"of": "reference_chi2"}, alarm_fraction=0.1)[0]
    first = trial.detections.get(rank=1)
    shown = seen(faulty, [first])[first.pk]
    assert isinstance(shown, SeenHistogram)
    assert first.lumisection is not None
    run = first.lumisection.run
    client.force_login(viewer)
    state = {"trial": trial.pk, "ls": first.lumisection.number}
    answer = client.get(f"/histograms/{shown.element.pk}/{run.experiment}/{run.number}/", state)
    assert answer.status_code == 200
    assert first.lumisection.number in answer.context["marks"][0].flagged
    assert client.get(f"/runs/{run.experiment}/{run.number}/?trial={trial.pk}").status_code == 200


@pytest.mark.django_db
def test_only_certified_lumisections_are_fitted_on(simulated_histograms: dict[str, Any]) -> None:
    from runs.models import Certification, Run

    runs = list(Run.objects.order_by("number"))
    for run in runs[:3]:
        Certification.objects.create(
            run=run, first=1, last=20, flag="golden", status="GOOD", source="test", version="1"
        )
    recipe = {**simulated_histograms, "fit_flag": "golden"}
    for together_ in (False, True):
        chosen = {**recipe, "together": True} if together_ else recipe
        sample_set, _ = freeze_samples(f"certified-{together_}", "histograms", chosen, folds=0)
        for part in open_set(sample_set).parts:
            fitted = [key.rsplit(":", 2) for key in part.ids[(part.roles & 1) > 0].tolist()]
            assert {int(run) for _, run, _ in fitted} == {run.number for run in runs[:3]}
            assert all(int(number) <= 20 for _, _, number in fitted)
