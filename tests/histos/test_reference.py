"""A histogram against its reference: what the numbers promise where the truth is known."""

import numpy as np
import pytest

from histos import reference as against
from histos.moments import moments

SHAPE = np.exp(-0.5 * np.linspace(-4, 4, 52) ** 2)


def poisson(n: int, entries: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(entries * SHAPE / SHAPE.sum(), (n, len(SHAPE))).astype(float)


@pytest.mark.parametrize("entries", [100, 3_000, 100_000])
def test_chi2_per_degree_is_one_where_only_counting_statistics_differ(entries: float) -> None:
    counts = poisson(400, entries)
    found = against.of_counts(counts, counts.sum(axis=0) - counts)
    assert found.reduced.mean() == pytest.approx(1, abs=0.05)


def test_a_reference_of_few_entries_widens_the_error() -> None:
    counts = poisson(400, 5_000)
    found = against.of_counts(counts[:200], counts[200:])
    assert found.reduced.mean() == pytest.approx(1, abs=0.05)


def test_a_bin_that_holds_half_as_much_stands_out_by_its_own_pull() -> None:
    counts, expected = poisson(20, 20_000), 1e6 * SHAPE / SHAPE.sum()
    counts[7, 25] /= 2
    found = against.of_counts(counts, expected)
    assert np.argmax(found.reduced) == 7
    assert np.nanargmin(found.pulls[7]) == 25
    assert found.pulls[7, 25] < -10


def test_one_entry_where_none_is_expected_is_no_surprise_of_many_sigma() -> None:
    expected = np.append(np.full(10, 1e6), 1.0)
    found = against.of_counts(np.append(np.full(10, 100.0), 1.0)[None], expected)
    assert 0 < found.pulls[0, -1] < 1


@pytest.mark.parametrize(("counts", "reference"), [(np.zeros(5), np.ones(5)), (np.ones(5), np.zeros(5))])
def test_what_has_no_shape_has_no_chi2(counts: np.ndarray, reference: np.ndarray) -> None:
    found = against.of_counts(counts[None], reference)
    assert np.isnan(found.reduced).all()
    assert np.isnan(found.pulls).all()


def test_kolmogorov_is_even_over_chance_and_small_for_a_shift() -> None:
    counts = poisson(300, 2_000)
    total = counts.sum(axis=0)
    chance = [against.kolmogorov(row, total - row).probability for row in counts]
    assert 0.5 < np.mean(chance) < 0.75  # in bins a little above one half
    assert against.kolmogorov(np.roll(counts[0], 5), total).probability < 1e-6
    assert against.kolmogorov(counts[0], counts[0]).distance == 0


def test_the_mean_of_a_profile_is_compared_with_how_the_others_stray() -> None:
    values = np.random.default_rng(2).normal(5, 0.3, (300, 40))
    values[11, 3] = np.nan
    found = against.of_means(values, *against.mean_and_spread_of_others(values))
    assert found.reduced.mean() == pytest.approx(1, abs=0.05)
    assert np.isnan(found.pulls[11, 3])
    others = np.delete(values, 4, axis=0)
    own_mean, own_spread = (part[4] for part in against.mean_and_spread_of_others(values))
    mean, spread = against.mean_and_spread(others)
    np.testing.assert_allclose(own_mean, mean)
    np.testing.assert_allclose(own_spread, spread)


def test_the_mean_leaves_out_flow_bins_and_its_error_shrinks_with_entries() -> None:
    edges = np.linspace(1e6, 1e6 + 10, 11)
    counts = np.array(
        [[50, *([0] * 5), 8, *([0] * 4), 70], [0, 10, *([0] * 8), 10, 0], [9, *([0] * 10), 9]], float
    )
    mean, error = moments(counts, edges)
    np.testing.assert_allclose(mean, [1e6 + 5.5, 1e6 + 5, np.nan])
    assert error[0] == pytest.approx(0, abs=1e-4)
    assert error[1] == pytest.approx(4.5 / np.sqrt(20))


def test_weights_stand_for_as_many_entries_as_there_were() -> None:
    counts = against.as_entries(np.array([[0.5, 1.5], [0.0, 0.0]]), np.array([80.0, 0.0]))
    np.testing.assert_allclose(counts, [[20, 60], [0, 0]])
