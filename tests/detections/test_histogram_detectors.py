"""Detectors of histograms: right from 10² to 10⁵ entries, with pile-up that varies, and naming what drives them."""

from dataclasses import replace

import numpy as np
import pytest

from detections.detectors import make
from detections.detectors.calibration import Calibration
from detections.detectors.counting import Boxes, signed_sigma
from detections.detectors.drift import Drift
from detections.detectors.tracking import expected_of
from project.samples import HistogramSequence

BINS = 60
CALIBRATED = (
    "max_pull", "moments", "beta_binomial", "nmf", "templates", "occupancy", "tracked_reference", "tracked_pull",
    "excess_scatter",
)  # fmt: skip


def run(number, n, seed, pileup=0.0, entries=(2, 5), gain=0.0):
    """A run of ``n`` lumisections: a bell that moves and widens as the pile-up falls along it."""
    rng = np.random.default_rng([seed, number])
    x = np.linspace(-3, 3, BINS)
    fall = pileup * (np.linspace(0.5, -0.5, n) + rng.normal(0, 0.05, n))[:, None]
    shape = np.exp(-((x - 0.1 * fall - gain) ** 2) / 2 / (1 + 0.05 * fall) ** 2) + 0.02
    shape = np.column_stack([np.full(n, 0.01), shape, np.full(n, 0.01)])
    counts = rng.poisson(10 ** rng.uniform(*entries, (n, 1)) * shape / shape.sum(axis=1, keepdims=True))
    return HistogramSequence(
        ids=np.array([f"S:{number}:{ls}" for ls in range(1, n + 1)]), groups=np.full(n, f"S:{number}"), counts=counts,
        edges=(np.linspace(-3, 3, BINS + 1),), times=number + np.arange(n) / 1e5, entries=counts.sum(axis=1),
        element="bell",
    )  # fmt: skip


def joined(parts):
    names = ("ids", "groups", "counts", "times", "entries")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    n = len(whole["ids"])
    return replace(parts[0], roles=np.full(n, 3), folds=np.zeros(n), **whole)


def runs(numbers, n=150, **how):
    return joined([run(number, n, **how) for number in numbers])


@pytest.mark.parametrize("name", CALIBRATED)
def test_false_alarms_are_as_rare_at_a_hundred_as_at_a_hundred_thousand_entries(name):
    detector = make(name).fit(runs(range(1, 7), seed=1, pileup=1.0))
    test = runs(range(11, 17), seed=2, pileup=1.0)
    scores, totals = detector.score(test), test.counts.sum(axis=1)
    threshold = np.quantile(scores, 0.95)
    for low, high in ((0, 1e3), (1e3, 1e4), (1e4, np.inf)):
        here = (totals >= low) & (totals < high)
        assert 0.005 < np.mean(scores[here] > threshold) < 0.13


@pytest.mark.parametrize("name", [*CALIBRATED, "summary_forest"])
@pytest.mark.parametrize("entries", [2.5, 4.5])
def test_a_dead_stretch_is_found_at_few_and_at_many_entries(name, entries):
    if name == "summary_forest" and entries < 3:
        pytest.skip("summary statistics of three hundred entries do not show it")
    detector = make(name).fit(runs(range(1, 6), seed=1, pileup=1.0))
    test = run(20, 100, 3, pileup=1.0, entries=(entries, entries))
    dead = test.counts.copy()
    dead[50:, 25:37] = 0
    usual, wrong = np.split(detector.score(replace(test, counts=dead)), 2)
    assert np.median(wrong) > np.quantile(usual, 0.98)


def test_the_reason_is_the_dead_stretch_itself():
    train, test = runs(range(1, 6), seed=1), run(20, 20, 3, entries=(4, 4))
    dead = test.counts.copy()
    dead[10, 25:34] = 0
    for name in ("tracked_reference", "occupancy"):
        (reasons,) = make(name).fit(train).reasons(replace(test, counts=dead), np.array([10]))
        assert reasons[0]["pull"] < -8
        assert 22 <= reasons[0]["bin"] <= 29 <= reasons[0]["last"] <= 36
    (reasons,) = make("moments").fit(train).reasons(replace(test, counts=dead), np.array([10]))
    assert {"moment", "axis", "pull"} <= set(reasons[0])


def test_the_sigma_of_a_count_is_that_of_its_poisson_probability():
    from scipy.stats import norm, poisson

    expected = np.array([0.01, 0.05, 0.3, 1.0, 4.0, 20.0, 1000.0])
    for mean in expected:
        found = np.unique(poisson.isf([1e-3, 1e-5, 1e-8], mean)) + 1
        exact = norm.isf(poisson.sf(found - 1, mean))
        assert signed_sigma(found, np.full(len(found), mean)) == pytest.approx(exact, abs=0.35)
    few = poisson.ppf([1e-3, 1e-5], 100.0)
    assert signed_sigma(few, np.full(2, 100.0)) == pytest.approx(norm.ppf(poisson.cdf(few, 100.0)), abs=0.2)


@pytest.mark.parametrize("shape", [(30,), (12, 20)])
def test_boxes_hold_the_sum_of_their_cells(shape):
    cells = np.random.default_rng(0).integers(0, 9, (3, *shape)).astype(float)
    for half in (0, 1, 4):
        sums = Boxes(cells).within(half).reshape(cells.shape)
        at = tuple(size // 2 for size in shape)
        around = tuple(slice(max(one - half, 0), one + half + 1) for one in at)
        assert sums[(1, *at)] == cells[(1, *around)].sum()
        corner = tuple(slice(0, half + 1) for _ in shape)
        assert sums[(2, *(0 for _ in shape))] == cells[(2, *corner)].sum()


def test_the_training_tells_the_motions_and_the_run_its_own_place_along_them():
    train = runs(range(1, 8), seed=1, pileup=2.0)
    drift = Drift.of(train.counts, train.groups)
    assert 1 <= drift.motions.shape[1] <= 2
    assert drift.slow[0] > 0
    test = run(30, 150, 4, pileup=2.0, entries=(5, 5))
    totals = test.counts.sum(axis=1)[:, None]

    def misfit(follow):
        usual = expected_of(drift, test.counts, test.groups, test.times, follow)
        return (((test.counts - usual.counts) ** 2 / usual.counts).sum(axis=1) / BINS)[20:]

    assert np.median(misfit(True)) < 1.3
    assert np.median(misfit(False)) > 2 * np.median(misfit(True))
    assert totals.min() > 0


def test_a_run_with_another_gain_is_followed_where_training_runs_differ_so():
    gains = (0.0, 0.0, 0.06, 0.0, -0.06, 0.0)
    parts = [run(number, 120, 1, gain=gain) for number, gain in enumerate(gains, start=1)]
    train = joined(parts)
    test = run(40, 120, 5, gain=0.06, entries=(4.5, 5))
    scores = make("tracked_reference").fit(train).score(test)
    assert np.mean(scores[20:] > 3) < 0.05
    assert np.median(make("tracked_reference", follow=False).fit(train).score(test)) > np.median(scores)


def test_a_fault_that_lasts_stays_a_fault():
    train, test = runs(range(1, 6), seed=1), run(20, 120, 3, entries=(3.5, 4.5))
    dead = test.counts.copy()
    dead[30:, 25:34] = 0
    scores = make("tracked_reference").fit(train).score(replace(test, counts=dead))
    assert np.median(scores[-20:]) > 5
    assert np.quantile(scores[:30], 0.9) < 4


def test_templates_know_two_conditions_whose_mean_is_neither():
    two = [
        run(number, 100, 1, gain=gain, entries=(4, 5))
        for number, gain in enumerate((0.0, 0.8, 0.0, 0.8), start=1)
    ]
    train = joined(two)
    between = run(9, 50, 2, gain=0.4, entries=(4, 5))
    usual = run(8, 50, 2, gain=0.8, entries=(4, 5))
    detector = make("templates", templates=2).fit(train)
    assert detector.score(between).min() > detector.score(usual).max()


def test_occupancy_sees_a_hot_and_a_dead_region_of_a_map_and_not_its_slow_change():
    rng = np.random.default_rng(0)
    z, phi = np.meshgrid(np.linspace(-1, 1, 42), np.linspace(-3, 3, 32))
    shape = 50 * (1 + 0.3 * z**2 + 0.1 * np.cos(phi))

    def maps(n, tilt=0.0):
        counts = rng.poisson(np.broadcast_to(shape * (1 + tilt * z), (n, 32, 42)))
        edges = (np.linspace(-1, 1, 41), np.linspace(-3, 3, 31))
        names = {"ids": np.arange(n).astype(str), "groups": np.arange(n).astype(str)}
        return HistogramSequence(
            counts=counts.reshape(n, -1), edges=edges, times=np.arange(n), entries=counts.sum((1, 2)), **names
        )

    detector = make("occupancy").fit(maps(80))
    tilted = maps(6, tilt=0.05)
    counts = tilted.counts.reshape(-1, 32, 42).copy()
    counts[0, 10:15, 20:25] = 0
    counts[1, 20, 30] *= 3
    scores = detector.score(replace(tilted, counts=counts.reshape(6, -1)))
    assert scores[:2].min() > 5 > scores[2:].max()
    dead, hot = (
        detector.reasons(replace(tilted, counts=counts.reshape(6, -1)), np.array([row]))[0][0]
        for row in (0, 1)
    )
    assert dead["pull"] < 0 < hot["pull"]
    row, column = divmod(hot["bin"], 42)
    assert (row in (19, 20), column in (29, 30)) == (True, True)
    row, column = divmod(dead["bin"], 42)
    assert 9 <= row <= 12
    assert 19 <= column <= 22


def test_a_calibration_holds_where_the_statistic_depends_on_the_entries():
    rng = np.random.default_rng(0)
    totals = 10 ** rng.uniform(2, 5, 3000)
    values = np.log(totals) * (2 + 0.3 * rng.normal(size=3000))
    sigma = Calibration.of(values, totals).sigma(values, totals)
    for low, high in ((2, 3), (3, 4), (4, 5)):
        here = (np.log10(totals) >= low) & (np.log10(totals) < high)
        assert abs(np.median(sigma[here])) < 0.35
        assert np.quantile(sigma[here], 0.95) == pytest.approx(1.64, abs=0.4)
