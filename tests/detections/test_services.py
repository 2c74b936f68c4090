"""Freeze, inject, score, compare: what the main job promises."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from detections import services
from detections.detectors import DETECTORS, Detector
from detections.models import Comparison, Detection, SampleSet, ScoreBlock, Trial
from detections.querysets import scores_of
from detections.services.flagging import threshold_for
from detections.services.freezing import unpacked
from detections.services.storing import histogram_of
from histos.models import LumisectionHistogram
from lightcurves.models import Source
from project.errors import UserError
from project.samples import FIT, SCORE


def test_the_same_choice_is_found_again(
    histogram_set: SampleSet, simulated_histograms: dict[str, Any]
) -> None:
    again, new = services.freeze_samples("another name", "histograms", simulated_histograms, folds=2)
    assert (again, new) == (histogram_set, False)
    assert SampleSet.objects.count() == 1


def test_a_name_is_not_given_twice(histogram_set: SampleSet, simulated_histograms: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="another choice"):
        services.freeze_samples(histogram_set.name, "histograms", simulated_histograms, folds=3)


def test_the_hash_does_not_depend_on_row_ids(make_catalog: Callable[..., dict[str, Any]]) -> None:
    first = services.freeze_samples("one", "catalog", make_catalog())[0]
    digest = first.hash
    rows = list(
        Source.objects.order_by("-name").values("catalog_id", "name", "ra", "dec", "mag", "attributes")
    )
    first.delete()
    Source.objects.all().delete()
    Source.objects.bulk_create(Source(**row) for row in rows)
    recipe = {"catalog": "toy", "columns": ["mag", "V-I"], "truth": {"attribute": "Type", "values": ["rare"]}}
    assert services.freeze_samples("two", "catalog", recipe)[0].hash == digest


def test_opening_gives_back_what_was_frozen(histogram_set: SampleSet) -> None:
    opened = services.open_set(histogram_set)
    assert len(opened.parts) == 4
    assert sum(len(part) for part in opened.parts) == histogram_set.n_samples
    stored = LumisectionHistogram.objects.select_related("lumisection__run", "element")
    for part in opened.parts:
        row = stored.get(element__name=part.element, lumisection__number=7, lumisection__run__number=900_001)
        np.testing.assert_array_equal(part.counts[part.ids == "CMS-simulated:900001:7"][0], row.counts)


def test_changed_data_are_noticed(histogram_set: SampleSet) -> None:
    row = LumisectionHistogram.objects.first()
    LumisectionHistogram.objects.filter(pk=row.pk).update(counts=np.asarray(row.counts) + 1)
    with pytest.raises(UserError, match="changed since it was frozen"):
        services.open_set(histogram_set)


def test_lost_data_are_noticed(histogram_set: SampleSet) -> None:
    LumisectionHistogram.objects.first().delete()
    with pytest.raises(UserError, match=f"1 of {histogram_set.n_samples} samples .* no longer there"):
        services.open_set(histogram_set)


def test_data_that_came_later_do_not_matter(catalog_set: SampleSet) -> None:
    Source.objects.create(
        catalog=Source.objects.first().catalog,
        name="later",
        mag=1.0,
        attributes={"V-I": 0.1, "Type": "common"},
    )
    assert services.open_set(catalog_set).parts[0].n_samples == catalog_set.n_samples


@contextmanager
def spying(seen: list[tuple[list[str], list[str]]]) -> Iterator[None]:
    """A detector ``spy`` that notes which samples it was fitted on and which it scored."""

    class Spy(DETECTORS["constant"]):  # type: ignore[misc, name-defined]
        name = "spy"

        def fit(self, samples: Any) -> Detector:
            self.fitted = samples.ids.tolist()
            return super().fit(samples)

        def score(self, samples: Any) -> np.ndarray:
            seen.append((self.fitted, samples.ids.tolist()))
            return super().score(samples)

    DETECTORS["spy"] = Spy
    try:
        yield
    finally:
        del DETECTORS["spy"]


def groups_of(ids: list[str]) -> set[str]:
    return {key.rpartition(":")[0] for key in ids}


@pytest.mark.parametrize("split", ["cross", "holdout"])
def test_fit_and_score_never_share_a_group(split: str, simulated_histograms: dict[str, Any]) -> None:
    seen: list[tuple[list[str], list[str]]] = []
    sample_set = services.freeze_samples("split", "histograms", simulated_histograms, split=split, folds=4)[0]
    with spying(seen):
        services.run_trial(sample_set, "spy")
    assert seen
    assert all(not groups_of(fitted) & groups_of(scored) for fitted, scored in seen)


def test_injection_changes_a_copy_only(histogram_set: SampleSet, faulty_set: SampleSet) -> None:
    clean, faulty = services.open_set(histogram_set), services.open_set(faulty_set)
    truth = np.asarray(faulty_set.truth) > 0
    changed = np.concatenate([
        (a.counts != b.counts).any(axis=1) for a, b in zip(clean.parts, faulty.parts, strict=True)
    ])  # fmt: skip
    assert truth.any()
    assert changed[truth].all()
    assert not truth[~changed].any()
    assert (np.asarray(faulty_set.sigma)[truth] >= 1).all()
    assert faulty_set.simulated
    assert services.open_set(histogram_set).parts[0].counts.sum() == clean.parts[0].counts.sum()


def test_an_injected_histogram_is_never_fitted_on(faulty_set: SampleSet) -> None:
    roles, strength = np.asarray(faulty_set.roles), np.asarray(faulty_set.strength)
    assert not (roles[np.isfinite(strength)] & FIT).any()
    assert (roles & SCORE).all()


def test_the_same_injection_is_found_again(histogram_set: SampleSet, faulty_set: SampleSet) -> None:
    again, new = services.inject_samples(histogram_set, "other name", fraction=0.2, seed=5)
    assert (again, new) == (faulty_set, False)
    other, new = services.inject_samples(histogram_set, "other seed", fraction=0.2, seed=6)
    assert new
    assert other.hash != faulty_set.hash


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kinds": ["earthquake"]}, "unknown injection earthquake"),
        ({"fraction": 2.0}, "between 0 and 1"),
        ({"strength": (0.0, 1.0)}, "positive"),
        ({"fraction": 0.0}, "nothing measurable"),
    ],
)
def test_a_senseless_injection_is_refused(histogram_set: SampleSet, change: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        services.inject_samples(histogram_set, "wrong", **change)
    assert not SampleSet.objects.filter(name="wrong").exists()


def test_the_same_trial_is_found_not_computed(catalog_set: SampleSet) -> None:
    first, computed = services.run_trial(catalog_set, "isolation_forest", seed=1)
    assert computed
    again, computed = services.run_trial(catalog_set, "isolation_forest", seed=1)
    assert (again, computed) == (first, False)
    other, computed = services.run_trial(catalog_set, "isolation_forest", seed=2)
    assert computed
    assert other.pk != first.pk


def test_force_computes_the_same_numbers_again(catalog_set: SampleSet) -> None:
    first, _ = services.run_trial(catalog_set, "isolation_forest")
    before = scores_of(first)
    again, computed = services.run_trial(catalog_set, "isolation_forest", force=True)
    assert computed
    assert again.pk == first.pk
    np.testing.assert_array_equal(scores_of(again), before)
    assert Trial.objects.count() == 1


def test_scores_are_aligned_and_blocks_know_their_maximum(catalog_set: SampleSet) -> None:
    trial, _ = services.run_trial(catalog_set, "robust_z")
    scores = scores_of(trial)
    assert len(scores) == catalog_set.n_scores == trial.n_scored
    assert [block.maximum for block in trial.blocks.all()] == [scores.max()]
    position, score = trial.top[0]
    assert scores[position] == score == scores.max()
    key = unpacked(catalog_set.keys)[position]
    assert trial.detections.get(rank=1).key == key
    assert trial.detections.get(rank=1).source.name == key.split(":")[1]


def test_what_was_not_scored_has_a_reason(simulated_histograms: dict[str, Any]) -> None:
    row = LumisectionHistogram.objects.filter(element__dimension=1).first()
    LumisectionHistogram.objects.filter(pk=row.pk).update(counts=np.zeros(len(row.counts)), entries=0)
    sample_set = services.freeze_samples("holes", "histograms", simulated_histograms, split="holdout")[0]
    trial, _ = services.run_trial(sample_set, "reference_chi2")
    missing = int(np.isnan(scores_of(trial)).sum())
    assert missing == sum(trial.not_scored.values()) > 0
    assert trial.n_scored + missing == sample_set.n_scores
    assert trial.not_scored["only fitted on"] == sample_set.n_samples - sample_set.n_score


def test_a_constant_detector_flags_nothing(catalog_set: SampleSet) -> None:
    trial, _ = services.run_trial(catalog_set, "constant")
    assert trial.detections.count() == 0


def test_detections_of_histograms_name_their_bins(faulty_set: SampleSet) -> None:
    trial, _ = services.run_trial(faulty_set, "reference_chi2")
    best = trial.detections.get(rank=1)
    assert best.extent == Detection.Extent.BINS
    assert best.lumisection.run.simulated
    assert best.key.startswith(
        f"CMS-simulated:{best.lumisection.run.number}:{best.lumisection.number} Simulated/"
    )
    assert np.asarray(faulty_set.truth)[best.position] > 0


def test_detections_in_series_are_spans_of_time(series_set: SampleSet) -> None:
    events, _ = services.inject_samples(
        series_set, "curves-events", kinds=["flare"], strength=(30, 50), seed=2
    )
    trial, _ = services.run_trial(events, "robust_z", alarm_fraction=0.05)
    best = trial.detections.get(rank=1)
    assert best.extent == Detection.Extent.TIME
    assert best.light_curve.time_min <= best.time_start <= best.time_end <= best.light_curve.time_max
    inside = [event for event in events.events if event["id"] == best.key]
    assert any(event["start"] <= best.time_end and best.time_start <= event["end"] for event in inside)


def test_a_detector_that_declines_is_left_out_by_name(
    catalog_set: SampleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DETECTORS["lof"], "refuses", lambda self, samples: "too slow for this")
    trial, _ = services.run_trial(catalog_set, "lof")
    assert (trial.state, trial.reason) == (Trial.State.LEFT_OUT, "too slow for this")
    services.run_trial(catalog_set, "robust_z")
    comparison, _ = services.compare_trials(catalog_set, n_boot=20)
    assert comparison.results["left_out"] == {"lof": "too slow for this"}


@pytest.mark.parametrize(
    ("detector", "params", "message"),
    [
        ("isolation_forrest", {}, "no detector 'isolation_forrest'; there is isolation_forest"),
        ("pyod.NOPE", {}, "NOPE"),
        ("knn", {"neighbours": "many"}, "knn"),
        ("knn", {"colour": 1}, "no parameter colour"),
    ],
)
def test_a_wrong_request_is_told_in_one_line(
    catalog_set: SampleSet, detector: str, params: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=re.escape(message)) as error:
        services.run_trial(catalog_set, detector, params)
    assert "\n" not in str(error.value)


def test_a_detector_of_another_kind_is_left_out(catalog_set: SampleSet) -> None:
    trial, _ = services.run_trial(catalog_set, "reference_chi2")
    assert (trial.state, trial.reason) == (
        Trial.State.LEFT_OUT,
        "reference_chi2 takes histograms, not table.",
    )


def test_comparison_ranks_above_chance_and_is_plain_json(faulty_set: SampleSet) -> None:
    for detector in ("constant", "random", "reference_chi2", "pca"):
        services.run_trial(faulty_set, detector)
    comparison, new = services.compare_trials(faulty_set, n_boot=50)
    assert new
    json.dumps(comparison.results, allow_nan=False)
    rows = {
        row["detector"]: row["metrics"]["average_precision"]
        for row in comparison.results["classes"]["all"]["rows"]
    }
    best = rows["reference_chi2"]
    assert best["low95"] > best["chance"]
    assert rows["constant"]["value"] == pytest.approx(best["chance"])
    assert set(comparison.results["strength"]) == {"all", *faulty_set.classes}
    assert comparison.results["sentences"][0].startswith("For anomalies of every kind")
    assert services.compare_trials(faulty_set, n_boot=50) == (comparison, False)
    assert Comparison.objects.count() == 1


def test_other_classes_are_no_negatives_of_a_class(faulty_set: SampleSet) -> None:
    services.run_trial(faulty_set, "random")
    comparison, _ = services.compare_trials(faulty_set, n_boot=20)
    truth, weak = np.asarray(faulty_set.truth), np.isfinite(np.asarray(faulty_set.sigma))
    clean = int(((truth == 0) & ~weak).sum())
    for number, name in enumerate(faulty_set.classes, start=1):
        one = comparison.results["classes"][name]
        assert one["n"] - one["n_positives"] == clean
        assert one["n_positives"] == (truth == number).sum()


def test_a_set_without_truth_is_not_compared(histogram_set: SampleSet) -> None:
    services.run_trial(histogram_set, "random")
    with pytest.raises(UserError, match="no truth to compare with"):
        services.compare_trials(histogram_set)


def test_trials_of_another_set_are_not_compared(catalog_set: SampleSet, faulty_set: SampleSet) -> None:
    stranger, _ = services.run_trial(faulty_set, "random")
    with pytest.raises(UserError, match="is not of sample set"):
        services.compare_trials(catalog_set, [stranger])


def test_the_truth_is_no_column(make_catalog: Callable[..., dict[str, Any]]) -> None:
    recipe = make_catalog()
    with pytest.raises(UserError, match="must not see"):
        services.freeze_samples("leak", "catalog", {**recipe, "columns": ["mag", "Type"]})


def test_deleting_a_trial_takes_its_scores_along(catalog_set: SampleSet) -> None:
    trial, _ = services.run_trial(catalog_set, "robust_z")
    trial.delete()
    assert not ScoreBlock.objects.exists()
    assert not Detection.objects.exists()


def test_transductive_fits_on_the_very_rows_it_scores(simulated_histograms: dict[str, Any]) -> None:
    sample_set = services.freeze_samples("held", "histograms", simulated_histograms, split="holdout")[0]
    seen: list[tuple[list[str], list[str]]] = []
    with spying(seen):
        trial, _ = services.run_trial(sample_set, "spy", transductive=True)
    assert trial.transductive
    assert all(fitted == scored for fitted, scored in seen)


def test_roles_do_not_tell_a_detector_what_was_injected(faulty_set: SampleSet) -> None:
    class Peeping(DETECTORS["constant"]):  # type: ignore[misc, name-defined]
        name = "peeping"

        def score(self, samples: Any) -> np.ndarray:
            return (samples.roles == SCORE).astype(float)

    DETECTORS["peeping"] = Peeping
    try:
        trial, _ = services.run_trial(faulty_set, "peeping")
    finally:
        del DETECTORS["peeping"]
    assert not scores_of(trial).any()


@pytest.mark.parametrize(
    ("scores", "flagged"),
    [
        (np.r_[np.ones(3), np.zeros(10_000)], 3),
        (np.arange(10_000.0), 10),
        (np.zeros(50), 50),
        (np.r_[np.ones(20), np.zeros(10_000)], 20),
    ],
)
def test_ties_at_the_threshold_are_not_flagged(scores: np.ndarray, flagged: int) -> None:
    assert np.count_nonzero(scores >= threshold_for(scores, 0.001)) == flagged


def test_scores_that_hardly_differ_have_a_histogram() -> None:
    drawn = histogram_of(np.array([0.5, np.nextafter(0.5, 1)]))
    assert sum(drawn["counts"]) == 2


@pytest.mark.parametrize("fraction", [-0.1, 1.1, np.nan, np.inf])
def test_an_alarm_fraction_is_a_fraction(catalog_set: SampleSet, fraction: float) -> None:
    with pytest.raises(UserError, match="between 0 and 1"):
        services.run_trial(catalog_set, "robust_z", alarm_fraction=fraction)


@pytest.mark.parametrize("wrong", [{"n_boot": 0}, {"far": 0.0}, {"far": np.nan}, {"k": 0}])
def test_senseless_options_of_a_comparison_are_refused(catalog_set: SampleSet, wrong: dict[str, Any]) -> None:
    services.run_trial(catalog_set, "robust_z")
    with pytest.raises(UserError, match="at least 1"):
        services.compare_trials(catalog_set, **wrong)


def test_a_detector_may_be_given_its_seed_or_a_parameter_called_name(catalog_set: SampleSet) -> None:
    trial, _ = services.run_trial(catalog_set, "isolation_forest", {"seed": 3})
    assert trial.params["seed"] == 3
    with pytest.raises(UserError, match="no parameter name"):
        services.run_trial(catalog_set, "pca", {"name": "x"})


def test_two_trials_of_one_detector_are_both_compared(catalog_set: SampleSet) -> None:
    first, _ = services.run_trial(catalog_set, "robust_z")
    Trial.objects.filter(pk=first.pk).update(inputs="older code")
    second, _ = services.run_trial(catalog_set, "robust_z")
    comparison, _ = services.compare_trials(catalog_set, list(Trial.objects.all()), n_boot=5)
    assert set(comparison.results["costs"]) == {f"robust_z #{first.pk}", f"robust_z #{second.pk}"}
