"""Features: the contract of every one, and the physics each promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lightcurves.features import FEATURES, Curve, describe
from project.samples import Series

EVERY = pytest.mark.parametrize("feature", FEATURES.values(), ids=lambda feature: feature.name)
RNG = np.random.default_rng(11)
NOISE = RNG.normal(size=200_000)
PHASE = np.arange(10_000) / 10_000


def curve(value, error=1.0, time=None):
    value = np.asarray(value, float)
    time = np.arange(len(value), dtype=float) if time is None else np.asarray(time, float)
    return Curve(time, value, np.broadcast_to(np.asarray(error, float), value.shape))


def series(*values, errors=1.0):
    flat = np.concatenate([np.asarray(value, float) for value in values])
    offsets = np.concatenate([[0], np.cumsum([len(value) for value in values])])
    names = [f"star {i}" for i in range(len(values))]
    return Series(
        ids=names,
        groups=names,
        values=flat,
        errors=np.full(len(flat), errors),
        times=np.arange(len(flat), dtype=float),
        offsets=offsets,
    )


SINE = curve(np.sin(2 * np.pi * PHASE))
GAUSS = curve(NOISE)


@pytest.mark.parametrize(
    ("name", "given_curve", "expected"),
    [
        ("n", SINE, 10_000),
        ("mean", curve([1, 2, 6]), 3),
        ("weighted_mean", curve([0, 10], [1, 2]), 2),
        ("median", curve([1, 2, 60]), 2),
        ("std", SINE, np.sqrt(0.5)),
        ("mad", GAUSS, 0.6745),
        ("amplitude", SINE, 1),
        ("inter_percentile_range", GAUSS, 2.5631),
        ("beyond_1_std", GAUSS, 0.3173),
        ("beyond_1_std", SINE, 0.5),
        ("skew", SINE, 0),
        ("skew", curve(RNG.exponential(size=400_000)), 2),
        ("kurtosis", SINE, -1.5),
        ("kurtosis", GAUSS, 0),
        ("stetson_k", SINE, np.sqrt(8) / np.pi),
        ("stetson_k", GAUSS, np.sqrt(2 / np.pi)),
        ("eta", GAUSS, 2),
        ("eta", SINE, 0),
        ("max_slope", SINE, 2 * np.pi / 10_000),
        ("max_slope", curve([0, 1, 3], time=[0, 0, 4]), 0.5),
        ("reduced_chi2", GAUSS, 1),
        ("reduced_chi2", curve(3 * NOISE, 1.0), 9),
    ],
)
def test_physics(name, given_curve, expected):
    assert FEATURES[name].of(given_curve) == pytest.approx(expected, rel=0.03, abs=0.02)


@pytest.mark.parametrize(("name", "peer"), [("skew", "skew"), ("kurtosis", "kurtosis")])
def test_moments_agree_with_scipy(name, peer):
    stats = pytest.importorskip("scipy.stats")
    value = RNG.gamma(2.0, size=37)
    assert FEATURES[name].of(curve(value)) == pytest.approx(getattr(stats, peer)(value, bias=False))


@EVERY
def test_it_says_what_it_is(feature):
    assert feature.unit in {"", "value", "value/day", "count"}
    assert feature.summary


@EVERY
def test_too_few_steps_are_nan(feature):
    short = curve(np.arange(max(feature.least - 1, 0)))
    assert feature.least == 0 or np.isnan(feature.of(short))


@EVERY
def test_a_constant_has_a_number_or_nan(feature):
    number = feature.of(curve(np.full(7, 0.1), 0.1))
    assert np.isnan(number) == feature.needs_variation


@EVERY
def test_unknown_errors_are_left_out(feature):
    value = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    known = feature.of(curve(value, 0.5))
    unknown = feature.of(curve(value, np.nan))
    assert np.isnan(unknown) if feature.needs_errors else unknown == known


@EVERY
def test_its_unit_is_true(feature):
    """In tenfold units everything that has a unit of values is tenfold, everything else unchanged."""
    value = RNG.normal(20, 1, 50)
    ratio = feature.of(curve(10 * value, 10.0)) / feature.of(curve(value, 1.0))
    assert ratio == pytest.approx(10.0 if feature.unit.startswith("value") else 1.0)


@EVERY
@given(hnp.arrays(float, st.integers(0, 12), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_no_values_break_it(feature, value):
    number = feature.of(curve(value, 1e-3))
    assert isinstance(number, float)
    assert not np.isinf(number)


def test_describe_gives_one_row_per_series():
    table = describe(series([1, 2, 3], [5, 5], []), ["mean", "n", "std"])
    assert table.columns == ("mean", "n", "std")
    np.testing.assert_array_equal(table.X, [[2, 3, 1], [5, 2, 0], [np.nan, 0, np.nan]])
    assert list(table.ids) == ["star 0", "star 1", "star 2"]
    assert describe(series([1, 2])).columns == tuple(FEATURES)


def test_describe_leaves_missing_values_out():
    table = describe(series([1, np.nan, 3, np.inf]), ["mean", "n"])
    np.testing.assert_array_equal(table.X, [[2, 2]])


def test_describe_leaves_its_input_alone():
    samples = series([1, np.nan, 3])
    before = samples.values.copy()
    describe(samples)
    np.testing.assert_array_equal(samples.values, before)


def test_an_unknown_feature_is_named():
    with pytest.raises(KeyError, match="nonsense"):
        describe(series([1.0]), ["nonsense"])
