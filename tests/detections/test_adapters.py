"""What the adapters and the references make of samples: physics, not snapshots."""

from dataclasses import replace

import numpy as np
import pytest

from detections.detectors import make, scorable
from detections.detectors.adapters import MAX_CELLS, adapter_for, width
from detections.detectors.check_data import good
from detections.detectors.params import parameters_of
from detections.detectors.running import running_level, typical_gap
from detections.detectors.scorable import MIN_PAST
from project.samples import HistogramSequence, Series, Table

SHAPE = np.concatenate([[0], np.exp(-(np.linspace(-3, 3, 100) ** 2) / 2), [0]])
ENTRIES = (100, 1_000, 10_000, 100_000)


def names(n):
    return {"ids": np.arange(n).astype(str), "groups": np.arange(n).astype(str)}


def histograms(counts, shape=None):
    axes = tuple(np.linspace(0, 1, size - 1) for size in reversed(shape or counts.shape[1:]))
    counts = np.asarray(counts, dtype=np.float32).reshape(len(counts), -1)
    times = np.arange(len(counts), dtype=float)
    return HistogramSequence(
        counts=counts, edges=axes, times=times, entries=counts.sum(1), **names(len(counts))
    )


def drawn(entries, seed, pileup=0.0):
    """Poisson histograms; the shape moves and widens with the pile-up, which differs from one to the next."""
    rng = np.random.default_rng(seed)
    x = np.linspace(-3, 3, 100)
    counts = []
    for n in entries:
        drift = pileup * rng.uniform(-1, 1)
        shape = np.exp(-((x - 0.15 * drift) ** 2) / 2 / (1 + 0.1 * drift) ** 2)
        counts.append(rng.poisson(n * np.concatenate([[0], shape, [0]]) / shape.sum()))
    return histograms(np.array(counts))


def training(pileup=0.0):
    return drawn(10 ** np.random.default_rng(3).uniform(2, 5, 600), seed=1, pileup=pileup)


def series(values, times=None, errors=np.nan):
    values = np.asarray(values, dtype=float)
    times = np.arange(len(values), dtype=float) if times is None else times
    offsets = np.array([0, len(values)])
    return Series(
        values=values, errors=np.full(len(values), errors), times=times, offsets=offsets, **names(1)
    )


@pytest.mark.parametrize("entries", ENTRIES)
def test_chi2_of_counting_noise_is_one_whatever_the_entries(entries):
    detector = make("reference_chi2").fit(training())
    test = drawn([entries] * 300, seed=2)
    assert detector.reduced(test).mean() == pytest.approx(1, abs=0.06)
    scores = detector.score(test)
    assert abs(scores.mean()) < 0.3
    assert 0.7 < scores.std() < 1.3


@pytest.mark.parametrize("entries", ENTRIES)
def test_pileup_drift_is_not_an_anomaly_but_dead_bins_are(entries):
    train, test = training(pileup=1), drawn([entries] * 300, seed=2, pileup=1)
    dead = test.counts.copy()
    dead[:, 40:50] = 0
    for name in ("reference_chi2", "reference_ks"):
        detector = make(name).fit(train)
        usual = detector.score(test)
        assert np.quantile(usual, 0.99) < 3.5
        if entries > 100:
            assert np.median(detector.score(replace(test, counts=dead))) > np.quantile(usual, 0.98)


def test_chi2_names_the_bin_that_went_dead():
    test = drawn([10_000] * 5, seed=2)
    test.counts[2, 50] = 0
    reasons = make("reference_chi2").fit(training()).reasons(test, np.array([2]))
    assert reasons[0][0]["bin"] == 50
    assert reasons[0][0]["pull"] < -10


def test_an_entry_where_training_has_none_weighs_more_the_more_there_are():
    detector = make("reference_chi2").fit(training())
    test = drawn([1_000] * 3, seed=2)
    test.counts[1:, 0] = [1, 100]
    scores = detector.score(test)
    assert abs(scores[1] - detector.score(drawn([1_000] * 3, seed=2))[1]) < 0.5
    assert scores[2] > 10


@pytest.mark.parametrize("entries", ENTRIES)
def test_ks_of_the_same_shape_follows_kolmogorov(entries):
    from scipy.stats import kstwobign

    scores = make("reference_ks").fit(training()).score(drawn([entries] * 400, seed=2))
    # Bins make the distance a little smaller than it would be between single values.
    assert 0.85 < scores.mean() / kstwobign.mean() < 1.05
    assert np.quantile(scores, 0.95) == pytest.approx(kstwobign.ppf(0.95), rel=0.12)


def test_ks_tests_both_projections_of_a_map():
    rng = np.random.default_rng(1)
    shape = np.outer(np.exp(-np.arange(12) / 4), np.ones(22))
    counts = rng.poisson(100 * shape, size=(60, 12, 22))
    detector = make("reference_ks").fit(histograms(counts[:50]))
    test = counts[50:].copy()
    test[0] = test[0][::-1]
    test[1, :, :6] //= 2
    scores = detector.score(histograms(test))
    assert scores[:2].min() > 3 * scores[2:].max()
    reasons = detector.reasons(histograms(test), np.array([0, 1]))
    assert [found[0]["axis"] for found in reasons] == ["y", "x"]


def test_pca_finds_what_breaks_a_relation_though_no_column_is_unusual():
    rng = np.random.default_rng(1)
    hidden = rng.normal(size=(500, 2))
    X = hidden @ rng.normal(size=(2, 6)) + 0.05 * rng.normal(size=(500, 6))
    columns = tuple("abcdef")
    test = X[:100].copy()
    # As far on the other side of zero: a value that column c takes often, but never beside these.
    test[0, 2] = -np.sign(test[0, 2]) * X[:, 2].std()
    detector = make("pca").fit(Table(X=X, columns=columns, **names(500)))
    scored = Table(X=test, columns=columns, **names(100))
    scores = detector.score(scored)
    assert scores.argmax() == 0
    assert scores[0] > 4 * np.sort(scores)[-2]
    assert detector.directions_.shape == (6, 2)


def test_the_pulls_of_histograms_have_unit_width_whatever_the_entries():
    train = training()
    adapter = adapter_for(train, window=8).fit(train, scorable(train))
    for entries in (10_000, 100_000):
        test = drawn([entries] * 100, seed=4)
        assert adapter.matrix(test, scorable(test))[:, 20:80].std() == pytest.approx(1, abs=0.07)


def test_a_fine_map_is_merged_and_its_flow_bins_stay():
    counts = np.random.default_rng(1).poisson(2, size=(4, 202, 302))
    samples = histograms(counts)
    adapter = adapter_for(samples, window=8).fit(samples, scorable(samples))
    assert MAX_CELLS / 2 < len(adapter.columns) == width(samples, 8) <= MAX_CELLS
    assert adapter.columns[1]["bin"] == 1
    assert adapter.columns[-1]["bin"] == 202 * 302 - 1
    merged = adapter._merged(samples, scorable(samples))
    assert np.array_equal(merged.sum(axis=1), counts.sum(axis=(1, 2)))


def test_an_empty_histogram_is_not_scored():
    counts = np.ones((3, 12))
    counts[1] = 0
    assert scorable(histograms(counts)).tolist() == [True, False, True]


def test_the_first_steps_of_every_series_are_not_scored():
    samples = good("series", n=8)
    expected = np.arange(samples.n_scores) % samples.lengths[0] >= MIN_PAST
    assert np.array_equal(scorable(samples), expected)
    assert np.array_equal(np.isfinite(running_level(samples)[1]), expected)


def test_the_running_level_is_the_median_of_what_came_before():
    values = np.random.default_rng(1).normal(size=30)
    level, _ = running_level(series(values), trailing=7)
    assert level[20] == np.median(values[13:20])
    assert level[3] == np.median(values[:3])


def test_a_missing_value_does_not_count_as_past():
    values = [np.nan, 1, 2, np.nan, 3, 4, 5, 6, np.nan, 7]
    assert np.flatnonzero(scorable(series(values))).tolist() == [7, 9]


def test_a_poorly_measured_value_is_less_strange():
    values = np.append(np.random.default_rng(1).normal(size=50), 8.0)
    well, poorly = (make("robust_z").fit(series(values)).score(series(values, errors=e)) for e in (0.1, 4.0))
    assert well[-1] > 4
    assert poorly[-1] == pytest.approx(2, abs=0.2)


def test_a_series_that_never_moved_is_finite_when_it_moves():
    scores = make("robust_z").fit(good("series")).score(series([5.0] * 30 + [6.0] + [5.0] * 5))
    assert scores[30] > 1000
    assert scores[29] == 0
    assert np.isfinite(scores[MIN_PAST:]).all()


def test_gaps_are_measured_within_a_series():
    samples = replace(good("series", n=8), times=np.tile(np.arange(60.0) * 2, 2))
    gaps, typical = typical_gap(samples)
    assert np.isnan(gaps[[0, 60]]).all()
    assert set(gaps[np.isfinite(gaps)]) == set(typical[np.isfinite(typical)]) == {2.0}


def test_a_window_shows_a_gap_in_time():
    times = np.arange(40.0)
    times[30:] += 50
    values = np.random.default_rng(1).normal(size=40)
    samples = series(values, times)
    X = adapter_for(samples, window=3).fit(samples, scorable(samples)).matrix(samples, scorable(samples))
    assert X.shape == (40 - MIN_PAST, 4)
    assert X[:, -1].argmax() == 30 - MIN_PAST
    assert X[30 - MIN_PAST, -1] == pytest.approx(np.log(52))


def test_reasons_name_the_columns_of_a_table():
    X = np.random.default_rng(1).normal(size=(200, 3))
    test = Table(X=np.array([[0, 0, 9.0], [np.nan, 0, 0]]), columns=("I", "V-I", "log_P"), **names(2))
    detector = make("robust_z").fit(Table(X=X, columns=test.columns, **names(200)))
    reasons = detector.reasons(test, np.array([0, 1]))
    assert reasons[0][0]["column"] == "log_P"
    assert reasons[0][0]["pull"] == pytest.approx(9, rel=0.2)
    assert reasons[1] == []


def test_parameters_are_read_from_the_signature():
    def recipe(self, *, factor: float = 0.5, level: int | None = None, **more: int) -> None:
        """Only its signature matters."""

    found = parameters_of(recipe, {"factor": (0, 1)})
    assert list(found) == ["factor", "level"]
    assert found["factor"].problem(1) is None
    assert found["factor"].problem(float("nan")) == "factor is a finite number, not nan"
    assert found["factor"].problem(2.0) == "factor is between 0 and 1, not 2.0"
    assert found["level"].problem(None) is None
    assert found["level"].problem(1.5) == "level is int, not 1.5"
