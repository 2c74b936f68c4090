"""Metrics agree with scikit-learn, treat ties as chance would, and refuse what they cannot judge."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.metrics import METRICS, MetricError, Ordered, Ranking

FAR, K = 0.1, 5
PARAMETERS = {
    "precision_at_k": {"k": K},
    "recall_at_k": {"k": K},
    "efficiency_at_far": {"far": FAR},
}


def value(name, truth, scores, weights=None):
    return METRICS[name](np.array(truth), np.array(scores), weights, **PARAMETERS.get(name, {}))


@st.composite
def cases(draw, multiplicity=3):
    n = draw(st.integers(2, 40))
    truth = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    truth[:2] = True, False
    scores = np.array(draw(st.lists(st.integers(0, 8), min_size=n, max_size=n)), float)
    weights = np.array(draw(st.lists(st.integers(0, multiplicity), min_size=n, max_size=n)), float)
    weights[:2] = np.maximum(weights[:2], 1)
    return truth, scores, weights


@given(cases())
@settings(deadline=None)
def test_agrees_with_scikit_learn_ties_and_weights_included(case):
    from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

    truth, scores, weights = case
    for w in (None, weights):
        assert value("average_precision", truth, scores, w) == pytest.approx(
            average_precision_score(truth, scores, sample_weight=w)
        )
        assert value("roc_auc", truth, scores, w) == pytest.approx(
            roc_auc_score(truth, scores, sample_weight=w)
        )
        fpr, tpr, _ = roc_curve(truth, scores, sample_weight=w, drop_intermediate=False)
        last = np.flatnonzero(fpr <= FAR + 1e-12)[-1]
        read_off = tpr[last] if last == len(fpr) - 1 else np.interp(FAR, fpr[last:], tpr[last:])
        assert value("efficiency_at_far", truth, scores, w) == pytest.approx(read_off)


@given(cases())
@settings(deadline=None, max_examples=25)
def test_top_k_is_the_mean_over_orders_of_tied_rows(case):
    truth, scores, _ = case
    k = min(K, len(truth))
    expected = 0.0
    for level in np.unique(scores)[::-1]:
        above, tied = int((scores > level).sum()), scores == level
        expected += truth[tied].mean() * max(0, min(int(tied.sum()), k - above))
    assert value("precision_at_k", truth, scores) == pytest.approx(expected / k)
    assert value("recall_at_k", truth, scores) == pytest.approx(expected / truth.sum())


@pytest.mark.parametrize("name", METRICS)
@given(case=cases())
@settings(deadline=None, max_examples=25)
def test_weights_are_multiplicities(name, case):
    truth, scores, weights = case
    times = weights.astype(int)
    repeated = value(name, np.repeat(truth, times), np.repeat(scores, times))
    assert value(name, truth, scores, weights) == pytest.approx(repeated)


@pytest.mark.parametrize("name", METRICS)
@given(case=cases())
@settings(deadline=None, max_examples=25)
def test_only_the_order_counts_and_rows_may_be_shuffled(name, case):
    truth, scores, _ = case
    shuffled = np.random.default_rng(0).permutation(len(truth))
    assert value(name, truth, np.exp(scores) - 7) == pytest.approx(value(name, truth, scores))
    assert value(name, truth[shuffled], scores[shuffled]) == pytest.approx(value(name, truth, scores))


@pytest.mark.parametrize("name", METRICS)
def test_a_perfect_ranking_is_perfect(name):
    truth = np.arange(100) >= 95
    assert value(name, truth, np.arange(100)) == 1.0


@pytest.mark.parametrize("name", METRICS)
def test_a_constant_detector_gets_exactly_the_chance_level(name):
    truth = np.arange(1000) < 7
    metric, parameters = METRICS[name], PARAMETERS.get(name, {})
    assert metric(truth, np.zeros(1000), **parameters) == pytest.approx(
        metric.chance(truth, **parameters), rel=1e-12
    )


@pytest.mark.parametrize("far", [0.01, 0.07, 0.29, 0.5])
@pytest.mark.parametrize("n", [11, 101, 1000])
def test_a_constant_detector_is_as_efficient_as_its_false_alarm_rate(far, n):
    assert METRICS["efficiency_at_far"](np.arange(n) < 3, np.ones(n), far=far) == pytest.approx(
        far, rel=1e-12
    )


def test_the_last_allowed_false_alarm_is_not_lost_to_rounding():
    truth = np.array([False] * 29 + [True] + [False] * 71)  # 0.29 × 100 < 29 in floating point
    assert METRICS["efficiency_at_far"](truth, -np.arange(101.0), far=0.29) == 1.0


@pytest.mark.parametrize("name", METRICS)
def test_one_positive_is_enough_and_none_is_an_error(name):
    assert np.isfinite(value(name, [True, False, False], [1.0, 2.0, 3.0]))
    with pytest.raises(MetricError, match="no positives"):
        value(name, [False, False], [1.0, 2.0])
    with pytest.raises(MetricError, match="no positives"):
        value(name, [True, False], [1.0, 2.0], np.array([0.0, 1.0]))
    with pytest.raises(MetricError, match="no positives"):
        METRICS[name].chance(np.zeros(3, bool))


@pytest.mark.parametrize("name", ["roc_auc", "efficiency_at_far"])
def test_no_negatives_is_an_error_where_they_are_needed(name):
    with pytest.raises(MetricError, match="no negatives"):
        value(name, [True, True], [1.0, 2.0])


def test_not_scored_ranks_below_every_score_even_minus_infinity():
    truth, scores = np.array([True, False, False]), np.array([np.nan, -np.inf, 0.0])
    assert value("roc_auc", truth, scores) == 0.0
    assert value("roc_auc", [True, False], [np.nan, np.nan]) == 0.5


@pytest.mark.parametrize("name", METRICS)
def test_the_input_is_left_alone(name):
    truth, scores = np.arange(50) % 7 == 0, np.arange(50.0)
    truth.flags.writeable = scores.flags.writeable = False
    value(name, truth, scores)


def test_wrong_input_is_named():
    metric = METRICS["precision_at_k"]
    truth, scores = np.array([True, False]), np.array([1.0, 2.0])
    with pytest.raises(MetricError, match=r"truth is \(2,\) and scores are \(3,\)"):
        metric(truth, np.zeros(3))
    with pytest.raises(MetricError, match="no rows"):
        metric(np.zeros(0, bool), np.zeros(0))
    with pytest.raises(MetricError, match="0 and 1"):
        metric(np.array([0, 2]), scores)
    with pytest.raises(MetricError, match="no parameter far"):
        metric(truth, scores, far=0.1)
    with pytest.raises(MetricError, match="k must be"):
        metric(truth, scores, k=0)
    with pytest.raises(MetricError, match="weights are"):
        metric(truth, scores, np.ones(3))
    with pytest.raises(MetricError, match="not negative"):
        metric(truth, scores, np.array([1.0, -1.0]))
    with pytest.raises(MetricError, match="far must be"):
        METRICS["efficiency_at_far"](truth, scores, far=1.0)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_introduces_itself(name):
    metric = METRICS[name]
    assert metric.name == name
    assert metric.label
    assert metric.summary
    assert metric.bigger_is_better


def test_published_values_come_back():
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA is not set")
    for case in json.loads((Path(folder) / "metrics" / "reference_values.json").read_text())["cases"]:
        truth = np.zeros(case["n"], bool)
        for first, last in case["label_runs"]:
            truth[first : last + 1] = True
        scores = np.array(case["score"])
        assert METRICS["average_precision"](truth, scores) == pytest.approx(
            case["average_precision"], rel=1e-9
        )
        assert METRICS["roc_auc"](truth, scores) == pytest.approx(case["roc_auc"], rel=1e-9)


def test_scores_put_in_order_once_rank_every_part_of_them_alike():
    rng = np.random.default_rng(3)
    scores = np.where(rng.random(300) < 0.1, np.nan, rng.integers(0, 40, 300).astype(float))
    ordered = Ordered.of(scores)
    for rows in (np.arange(300), np.flatnonzero(rng.random(300) < 0.4)):
        truth = rng.random(len(rows)) < 0.2
        whole, part = Ranking.of(truth, scores[rows]), Ranking.of(truth, ordered.take(rows))
        assert whole.n_blocks == part.n_blocks
        assert np.array_equal(whole.block, part.block)
