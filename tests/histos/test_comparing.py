"""Comparisons of a run's histograms: of shapes and of rates, with the others of the run or with another."""

import numpy as np
import pytest

from histos import reference as against
from histos.figures.norms import divisors
from histos.looking.comparing import Compared, deviation_at, reduced, reference_of, usable

SHAPE = np.exp(-0.5 * np.linspace(-3, 3, 42) ** 2)
SHAPE /= SHAPE.sum()


def drawn(luminosity: np.ndarray, per_unit: float = 5e4, seed: int = 1) -> Compared:
    rng = np.random.default_rng(seed)
    values = rng.poisson(per_unit * luminosity[:, None] * SHAPE).astype(float)
    exposure = {"luminosity": luminosity, "pileup": np.full(len(luminosity), np.nan)}
    return Compared(values, means=False, exposure=exposure)


def test_rates_that_follow_luminosity_have_a_chi2_per_degree_of_one() -> None:
    here, other = drawn(np.linspace(0.5, 0.1, 300)), drawn(np.full(200, 0.3), seed=2)
    for reference in (None, other):
        assert reduced(here, reference, "luminosity").mean() == pytest.approx(1, abs=0.05)


def test_pulls_of_rates_have_unit_width_also_where_the_reference_is_small() -> None:
    here = drawn(np.linspace(0.5, 0.1, 400))
    small = drawn(np.full(1, 0.3), seed=3)
    pulls = np.concatenate([deviation_at(here, row, small, "luminosity").pulls[0] for row in range(400)])
    # Every row is compared with the same few counts, so only its own half of the variance is seen.
    assert 0.5 < np.nanstd(pulls) < 1.2
    pairs = [
        deviation_at(
            drawn(np.full(1, 0.4), seed=seed), 0, drawn(np.full(1, 0.2), seed=seed + 1000), "luminosity"
        )
        for seed in range(200)
    ]
    assert np.nanstd([pair.pulls[0] for pair in pairs]) == pytest.approx(1, abs=0.05)


def test_a_lost_tenth_of_the_entries_shows_in_rates_and_not_in_shapes() -> None:
    here = drawn(np.full(100, 0.4))
    here.values[7] = np.round(here.values[7] * 0.9)
    assert reduced(here, None, "luminosity")[7] > 3
    assert reduced(here, None, "area")[7] < 1.6


def test_what_has_no_known_luminosity_is_neither_judged_nor_part_of_the_reference() -> None:
    luminosity = np.full(50, 0.4)
    here = drawn(luminosity)
    here.values[3] *= 50
    here.exposure["luminosity"][3] = np.nan  # type: ignore[index]
    found = reduced(here, None, "luminosity")
    assert np.isnan(found[3])
    assert np.delete(found, 3).mean() == pytest.approx(1, abs=0.1)
    total = reference_of(here, 0, None, "luminosity").sum()
    assert total == pytest.approx(np.delete(here.values, [0, 3], axis=0).sum())


def test_noise_of_a_luminometer_is_no_exposure() -> None:
    told = np.array([0.4, 0.41, -2e-10, 1e-9, np.nan, 0.001])
    np.testing.assert_array_equal(np.isfinite(usable("luminosity", told)), [1, 1, 0, 0, 0, 0])
    assert np.isnan(usable("luminosity", np.array([1e-9, np.nan]))).all()


def test_kolmogorov_does_not_change_with_normalisation() -> None:
    here, other = drawn(np.full(2, 0.4)), drawn(np.full(20, 0.2), seed=9)
    for scale in (1.0, 1e-3, 7.0):
        found = against.kolmogorov(here.values[0] / here.values[0].sum(), other.values.sum(axis=0) * scale)
        plain = against.kolmogorov(here.values[0], other.values.sum(axis=0))
        assert found.distance == pytest.approx(plain.distance)


def test_probabilities_of_chi2_are_even_over_chance_where_counts_are_many() -> None:
    here = drawn(np.full(600, 0.4))
    total = here.values.sum(axis=0)
    found = against.of_counts(here.values, total - here.values)
    chance = [against.chi2_probability(*pair) for pair in zip(found.chi2, found.usual, strict=True)]
    assert np.mean(chance) == pytest.approx(0.5, abs=0.05)
    assert np.mean(np.array(chance) < 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.isnan(against.chi2_probability(np.nan, 3))
    assert np.isnan(against.chi2_probability(3, 0))


def test_cells_of_few_entries_are_counted() -> None:
    assert against.sparse(np.array([0.0, 1, 2, 90]), np.array([0.0, 1, 2, 900])) == pytest.approx(2 / 3)
    assert against.sparse(np.zeros(3), np.zeros(3)) == 0


def test_the_ratio_is_one_with_its_error_where_both_are_drawn_from_one_shape() -> None:
    here, other = drawn(np.full(300, 0.4)), drawn(np.full(1, 0.8), seed=5)
    reference = other.values[0]
    found = [against.ratio(row, reference, reference * 0.5) for row in here.values]
    away = np.array([(value - 1) / error for value, error in found])
    assert 0.6 < np.nanstd(away) < 1.1
    value, error = against.ratio(np.array([0.0, 5]), np.array([10.0, 0]), np.array([4.0, 0]))
    assert value[0] == 0
    assert error[0] == pytest.approx(0.25)
    assert np.isnan(value[1])


def test_counts_are_divided_by_what_is_asked() -> None:
    totals, exposure = np.array([10.0, 0]), {"luminosity": np.array([0.5, np.nan])}
    assert divisors("raw", totals, exposure, means=False).tolist() == [1, 1]
    np.testing.assert_array_equal(divisors("area", totals, exposure, means=False), [10, np.nan])
    np.testing.assert_array_equal(divisors("luminosity", totals, exposure, means=False), [0.5, np.nan])
    assert divisors("area", totals, exposure, means=True).tolist() == [1, 1]
