"""Moments along an axis: what they promise where the distribution is known."""

import numpy as np
import pytest
from scipy import stats

from histos.moments import LEAST, NAMES, moment

EDGES = np.linspace(-6, 12, 181)
CENTRES = (EDGES[1:] + EDGES[:-1]) / 2


def filled(distribution: object, n: int, entries: int = 4000, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    draws = distribution.rvs((n, entries), random_state=rng)  # type: ignore[attr-defined]
    return np.array([[0, *np.histogram(row, EDGES)[0], 0] for row in draws], float)


@pytest.mark.parametrize("distribution", [stats.norm(1, 1), stats.gamma(4, scale=0.5), stats.uniform(-1, 4)])
def test_moments_are_those_of_the_distribution(distribution: object) -> None:
    counts = filled(distribution, 200)
    true = dict(zip(NAMES, map(float, distribution.stats("mvsk")), strict=True))  # type: ignore[attr-defined]
    true["rms"] = true["rms"] ** 0.5
    for name in NAMES:
        values = moment(name, counts, EDGES).values
        assert values.mean() == pytest.approx(
            true[name], abs=4 * values.std() / np.sqrt(len(values)) + 0.002
        ), name


@pytest.mark.parametrize("name", NAMES)
def test_errors_are_how_far_the_moments_of_a_normal_distribution_stray(name: str) -> None:
    values, errors = moment(name, filled(stats.norm(3, 1.5), 400), EDGES)
    assert ((values - values.mean()) / errors).std() == pytest.approx(1, abs=0.12)


def test_the_error_of_the_width_follows_from_the_tails() -> None:
    values, errors = moment("rms", filled(stats.uniform(-1, 4), 400), EDGES)
    assert ((values - values.mean()) / errors).std() == pytest.approx(1, abs=0.12)


def test_flow_bins_have_no_place_and_a_far_position_swallows_no_width() -> None:
    counts = filled(stats.norm(0, 1), 3)
    full = counts.copy()
    full[:, [0, -1]] = 1e6
    for name in NAMES:
        np.testing.assert_array_equal(moment(name, counts, EDGES).values, moment(name, full, EDGES).values)
        if name != "mean":
            far = moment(name, counts, EDGES + 1e6).values
            np.testing.assert_allclose(far, moment(name, counts, EDGES).values, rtol=1e-3, atol=1e-3)


def test_too_few_entries_and_no_width_give_no_number() -> None:
    counts = np.zeros((3, 182))
    counts[1, 90] = 1
    counts[2, 90] = 50
    known = {name: np.isfinite(moment(name, counts, EDGES).values).tolist() for name in NAMES}
    assert known["mean"] == [False, True, True]
    assert known["rms"] == [False, False, True]
    assert known["skewness"] == known["kurtosis"] == [False, False, False]
    assert LEAST["kurtosis"] == 4
