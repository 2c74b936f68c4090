"""The bootstrap draws groups, differences are paired, chance and warnings stand beside every number."""

import json

import numpy as np
import pytest

from detections.comparison import (
    Options,
    StrengthOptions,
    agreement,
    compare,
    curves,
    efficiency_vs_strength,
    sentence,
)
from detections.comparison.bootstrap import Grouped, Groups, resamples
from detections.comparison.strength import wilson
from detections.metrics import METRICS, Metric, MetricError, Ranking


def case(n=2000, n_groups=200, positives=0.05, seed=0):
    """Three detectors, from good to none, and a constant one."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < positives
    groups = np.array([f"run {i}" for i in rng.integers(0, n_groups, n)])
    scores = {
        "good": rng.normal(size=n) + 2.5 * truth,
        "fair": rng.normal(size=n) + 1.0 * truth,
        "random": rng.random(n),
        "constant": np.zeros(n),
    }
    return truth, groups, scores


def strict_json(thing):
    return json.loads(json.dumps(thing, allow_nan=False))


def test_a_resampled_curve_is_the_metric_on_repeated_rows():
    truth, groups, scores = case(300, 40)
    scores["fair"] = np.round(scores["fair"], 1)
    codes = Groups.of(groups)
    times = np.concatenate(list(resamples(codes.n_groups, 7, 3, columns=3)), axis=1)
    assert (times.sum(axis=0) == codes.n_groups).all()
    for vector in scores.values():
        curve = Grouped(Ranking.of(truth, vector), codes).curve(times)
        for metric in METRICS.values():
            values = metric.of_curve(curve)
            for column in range(7):
                rows = np.repeat(np.arange(300), times[codes.code, column])
                assert values[column] == pytest.approx(metric(truth[rows], vector[rows]))


def test_resamples_do_not_depend_on_how_many_are_held_at_a_time():
    one, all_ = (np.concatenate(list(resamples(50, 20, 1, columns)), axis=1) for columns in (1, 20))
    assert np.array_equal(one, all_)


def test_the_better_detector_is_first_and_chance_stands_beside_it():
    truth, groups, scores = case()
    result = compare(truth, groups, scores)
    assert [row.detector for row in result.rows][:2] == ["good", "fair"]
    assert (result.n, result.n_positives, result.n_groups) == (2000, truth.sum(), 200)
    for row in result.rows:
        for name, estimate in row.metrics.items():
            assert estimate.value == pytest.approx(METRICS[name](truth, scores[row.detector]))
            assert estimate.chance == METRICS[name].chance(truth)
            assert estimate.low95 <= estimate.low68 <= estimate.high68 <= estimate.high95
    good = result.rows[0].metrics["average_precision"]
    assert good.low95 > good.chance
    assert result.warnings == ()
    assert result.probability("average_precision", "good", "fair") == 1.0
    assert result.probability("average_precision", "fair", "good") == 0.0


def test_the_same_seed_gives_the_same_numbers_in_any_order_of_rows():
    truth, groups, scores = case()
    shuffled = np.random.default_rng(1).permutation(len(truth))
    first = compare(truth, groups, scores)
    again = compare(truth[shuffled], groups[shuffled], {name: s[shuffled] for name, s in scores.items()})
    assert first.rows[0].metrics["roc_auc"].low95 == pytest.approx(again.rows[0].metrics["roc_auc"].low95)
    other = compare(truth, groups, scores, Options(seed=1))
    assert first.rows[0].metrics["roc_auc"].low95 != other.rows[0].metrics["roc_auc"].low95


def test_the_interval_is_as_wide_as_new_data_scatter():
    values, widths = [], []
    for seed in range(40):
        truth, groups, scores = case(1500, 1500, seed=seed)
        found = compare(
            truth, groups, {"fair": scores["fair"]}, Options(metrics=("roc_auc",), sort_by="roc_auc")
        )
        estimate = found.rows[0].metrics["roc_auc"]
        values.append(estimate.value)
        widths.append((estimate.high68 - estimate.low68) / 2)
    assert np.mean(widths) == pytest.approx(np.std(values), rel=0.3)


def test_rows_of_one_group_are_drawn_together():
    rng = np.random.default_rng(0)
    of_group = rng.normal(size=20)
    groups = np.repeat(np.arange(20), 100)
    truth = rng.random(2000) < 0.2
    score = of_group[groups] * truth + rng.normal(size=2000) + truth
    options = Options(metrics=("roc_auc",), sort_by="roc_auc")
    by_group = compare(truth, groups, {"d": score}, options).rows[0].metrics["roc_auc"]
    by_row = compare(truth, np.arange(2000), {"d": score}, options).rows[0].metrics["roc_auc"]
    assert by_group.high95 - by_group.low95 > 2 * (by_row.high95 - by_row.low95)


def test_differences_are_paired():
    truth, groups, scores = case()
    twin = scores["fair"] + 1e-3 * np.random.default_rng(5).normal(size=len(truth))
    result = compare(truth, groups, {"fair": scores["fair"], "twin": twin})
    pair = next(pair for pair in result.pairs if pair.metric == "roc_auc")
    alone = result.rows[0].metrics["roc_auc"]
    assert pair.high95 - pair.low95 < 0.1 * (alone.high95 - alone.low95)


def test_equal_detectors_win_half_the_time():
    truth, groups, scores = case()
    result = compare(truth, groups, {"one": scores["fair"], "other": scores["fair"].copy()})
    assert {pair.probability for pair in result.pairs} == {0.5}
    with pytest.raises(KeyError, match="no pair of one and third"):
        result.probability("roc_auc", "one", "third")


def test_not_scored_rows_rank_last_and_are_reported():
    truth, groups, scores = case()
    missing = scores["good"].copy()
    missing[truth] = np.nan
    result = compare(truth, groups, {"missing": missing, "all": np.full(len(truth), np.nan)})
    by_name = {row.detector: row for row in result.rows}
    assert by_name["missing"].not_scored == truth.sum()
    assert by_name["missing"].metrics["roc_auc"].value == 0.0
    assert by_name["all"].metrics["roc_auc"].value == 0.5
    assert any(f"missing did not score {truth.sum()} of 2,000 rows" in warning for warning in result.warnings)
    assert "ranks below" in result.rule


def test_few_positives_few_groups_and_undefined_resamples_are_warned_of():
    truth = np.zeros(100, bool)
    truth[:2] = True
    result = compare(truth, np.arange(100) % 8, {"d": np.arange(100.0)})
    text = " ".join(result.warnings)
    assert "Only 2 positives" in text
    assert "Only 8 groups" in text
    assert "were left out" in text
    assert result.rows[0].metrics["roc_auc"].undefined > 0
    assert "positives lie in only 2 groups" in " ".join(
        compare(truth, np.arange(100), {"d": -np.arange(100.0)}).warnings
    )
    strict_json(result.as_dict())


def test_nothing_defined_becomes_null_in_json():
    truth = np.array([True, False])
    result = compare(
        truth, np.array(["a", "b"]), {"d": np.array([np.inf, -np.inf])}, Options(n_boot=1, seed=3)
    )
    plain = strict_json(result.as_dict())
    assert plain["rows"][0]["metrics"]["average_precision"]["value"] == 1.0
    assert plain["n_positives"] == 1


def test_parameters_and_metrics_can_be_chosen():
    truth, groups, scores = case()
    options = Options(metrics=("precision_at_k",), parameters={"precision_at_k": {"k": 7}}, sort_by="roc_auc")
    result = compare(truth, groups, scores, options)
    assert set(result.rows[0].metrics) == {"precision_at_k", "roc_auc"}
    assert result.parameters["precision_at_k"] == {"k": 7}
    value = next(row for row in result.rows if row.detector == "fair").metrics["precision_at_k"].value
    assert value == METRICS["precision_at_k"](truth, scores["fair"], k=7)


def test_an_added_metric_takes_part_without_another_edit(monkeypatch):
    def worst_first(curve):
        """Share of negatives above the median positive: small is good."""
        return 1 - METRICS["roc_auc"].formula(curve)

    added = Metric("worst_first", "Worst", worst_first, lambda truth: 0.5, bigger_is_better=False)
    monkeypatch.setitem(METRICS, "worst_first", added)
    truth, groups, scores = case()
    result = compare(truth, groups, scores, Options(sort_by="worst_first"))
    assert result.rows[0].detector == "good"
    assert result.probability("worst_first", "good", "fair") == 1.0
    assert "good ranks best" in sentence(result)


def test_what_cannot_be_compared_is_named():
    truth, groups, scores = case(50)
    for bad, match in (
        ((np.zeros(50, bool), groups, scores), "no positives"),
        ((np.ones(50, bool), groups, scores), "no negatives"),
        ((truth, groups[:9], scores), "groups"),
        ((truth, groups, {"short": np.zeros(3)}), "short"),
        ((truth, groups, {}), "no detector"),
        ((truth, groups, scores, Options(metrics=("beauty",))), "unknown metric beauty"),
        ((truth, groups, scores, Options(parameters={"roc_auc": {"k": 3}})), "no parameter k"),
    ):
        with pytest.raises(MetricError, match=match):
            compare(*bad)


def test_the_sentence_says_what_is_known_and_what_is_not():
    truth, groups, scores = case()
    scores["twin"] = scores["good"] + 1e-6
    text = sentence(compare(truth, groups, scores, Options(name="RCB")))
    assert text.startswith(f"For RCB ({truth.sum()} of 2,000 rows, 200 groups)")
    assert "ranks best: Average precision 0." in text
    assert "against chance 0.0" in text
    assert "(P = 0.50) is not distinguishable from it" in text
    assert "This says nothing about" in text


def test_the_sentence_admits_when_the_best_is_no_better_than_chance():
    truth, groups, scores = case(seed=2)
    alone = compare(truth, groups, {"random": scores["random"]})
    assert "Even random cannot be told apart from chance." in sentence(alone)
    assert "compared with no other detector" in sentence(alone)


def test_small_numbers_are_written_without_exponent():
    truth = np.zeros(200_000, bool)
    truth[:9] = True
    text = sentence(compare(truth, np.arange(200_000), {"c": np.zeros(200_000)}, Options(n_boot=20)))
    assert "against chance 0.000045" in text


def strengths(n=20_000, n_groups=400, seed=0):
    """Anomalies of two kinds; a detector sees their strength plus noise of one."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.2
    sigma = np.where(truth, np.exp(rng.uniform(np.log(0.5), np.log(30), n)), 0)
    kinds = np.where(truth, np.array(["shift", "noise"])[rng.integers(0, 2, n)], "")
    groups = rng.integers(0, n_groups, n).astype(str)
    return {"d": sigma + rng.normal(size=n), "constant": np.zeros(n)}, truth, sigma, groups, kinds


def test_efficiency_grows_with_strength_and_is_the_false_alarm_rate_for_a_constant():
    found = efficiency_vs_strength(*strengths())
    for kind in ("", "shift", "noise"):
        efficiency = [bin_.efficiency for bin_ in found["d"].of_kind(kind)]
        assert (np.diff(efficiency) >= 0).all()
        assert efficiency[-1] > 0.99
        assert [bin_.efficiency for bin_ in found["constant"].of_kind(kind)] == pytest.approx(
            [0.01] * len(efficiency)
        )
    for bin_ in found["d"].bins:
        assert 0 <= bin_.low95 <= bin_.efficiency <= bin_.high95 <= 1
        assert bin_.low <= bin_.median_strength < bin_.high
    assert sum(bin_.n for bin_ in found["d"].of_kind()) == strengths()[1].sum()


def test_efficiency_in_one_bin_is_the_metric():
    scores, truth, sigma, groups, _ = strengths()
    found = efficiency_vs_strength(
        scores, truth, sigma, groups, None, StrengthOptions(bins=(0, np.inf), far=0.05)
    )
    assert found["d"].bins[0].efficiency == pytest.approx(
        METRICS["efficiency_at_far"](truth, scores["d"], far=0.05)
    )
    assert found["d"].bins[0].method == "bootstrap over groups"
    estimate = compare(truth, groups, scores, Options(parameters={"efficiency_at_far": {"far": 0.05}})).rows[
        0
    ]
    assert found["d"].bins[0].low95 == pytest.approx(estimate.metrics["efficiency_at_far"].low95)


def test_few_groups_get_a_wilson_interval():
    scores, truth, sigma, _, kinds = strengths(2000)
    found = efficiency_vs_strength(scores, truth, sigma, np.arange(2000) % 4, kinds)
    assert {bin_.method for bin_ in found["d"].bins} == {"Wilson, one trial per group"}
    strongest = found["d"].of_kind()[-1]
    assert strongest.efficiency == 1.0
    assert strongest.low95 == pytest.approx(1 / (1 + 1.96**2 / 4), abs=0.01)
    strict_json([curve.as_dict() for curve in found.values()])


def test_wilson_matches_the_textbook():
    from scipy.stats import binomtest

    for found, n in ((0, 10), (3, 10), (10, 10), (81, 263)):
        expected = binomtest(found, n).proportion_ci(0.95, method="wilson")
        assert wilson(found / n, n) == pytest.approx((expected.low, expected.high))


def test_strength_needs_positives_and_negatives():
    scores, _, sigma, groups, _ = strengths(100)
    with pytest.raises(MetricError, match="no positives"):
        efficiency_vs_strength(scores, np.zeros(100, bool), sigma, groups)
    with pytest.raises(MetricError, match="no negatives"):
        efficiency_vs_strength(scores, np.ones(100, bool), sigma, groups)


@pytest.mark.parametrize("n", [20, 2000, 50_000])
def test_curves_are_short_and_exact_at_their_ends(n):
    truth, _, scores = case(n, positives=0.2)
    for vector in scores.values():
        points = strict_json(curves(truth, vector))
        roc, pr = points["roc"], points["pr"]
        assert len(roc["far"]) == len(roc["efficiency"]) <= 300
        assert (roc["far"][0], roc["efficiency"][0], roc["far"][-1], roc["efficiency"][-1]) == (0, 0, 1, 1)
        assert pr["recall"][-1] == 1
        assert pr["precision"][-1] == pytest.approx(truth.mean())
        assert (np.diff(roc["far"]) >= 0).all()
        area = np.trapezoid(roc["efficiency"], roc["far"])
        assert area == pytest.approx(METRICS["roc_auc"](truth, vector), abs=0.005)
    with pytest.raises(MetricError, match="positives and negatives"):
        curves(np.ones(3, bool), np.zeros(3))


def test_agreement_of_rankings_and_of_top_lists():
    from scipy.stats import spearmanr

    _, _, scores = case()
    scores["reversed"] = -scores["good"]
    found = agreement(scores, k=50)
    names = found.detectors
    spearman, jaccard = np.array(found.spearman), np.array(found.jaccard)
    good, fair, constant, turned = (names.index(name) for name in ("good", "fair", "constant", "reversed"))
    assert spearman[good, fair] == pytest.approx(spearmanr(scores["good"], scores["fair"]).statistic)
    assert spearman[good, good] == pytest.approx(1)
    assert spearman[good, turned] == pytest.approx(-1)
    assert np.isnan(spearman[good, constant])
    tops = [set(np.argsort(-scores[name])[:50]) for name in ("good", "fair")]
    assert jaccard[good, fair] == pytest.approx(len(tops[0] & tops[1]) / len(tops[0] | tops[1]))
    assert found.listed[constant] == 0
    assert jaccard[good, constant] == 0
    assert np.isnan(jaccard[constant, constant])
    assert strict_json(found.as_dict())["spearman"][good][constant] is None


def test_agreement_ranks_what_was_not_scored_last():
    found = agreement({"a": np.array([1.0, 2, 3, np.nan]), "b": np.array([1.0, 2, 3, 0])}, k=10)
    assert found.spearman[0][1] == pytest.approx(1)
    assert found.listed == [4, 4]
    tied = agreement({"a": np.array([3.0, 2, 2, 1])}, k=2)
    assert tied.listed == [1]


@pytest.mark.parametrize("n_boot", [1, 7])
def test_one_positive_group_gives_numbers_not_errors(n_boot):
    truth = np.arange(30) == 4
    result = compare(truth, np.zeros(30), {"d": np.arange(30.0)}, Options(n_boot=n_boot))
    assert result.rows[0].metrics["roc_auc"].undefined == 0
    assert result.n_groups == 1
