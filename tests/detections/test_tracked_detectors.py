"""Detectors that follow a run and look for one thing: noise, a single bin; what pile-up moves is neither."""

from dataclasses import replace

import numpy as np
import pytest

from detections.detectors import make
from detections.detectors.drift import Drift
from detections.detectors.shape_tests import scatter
from detections.detectors.tracking import expected_of
from histos.injections import INJECTIONS
from tests.detections.test_histogram_detectors import run, runs


def noisy(samples, spread, rows):
    rng = np.random.default_rng(5)
    counts = samples.counts.copy()
    counts[rows] = INJECTIONS["noise"](counts[rows], samples.shape, rng, spread)
    return replace(samples, counts=counts, entries=counts.sum(axis=1))


@pytest.mark.parametrize(("entries", "spread"), [(2.5, 0.6), (3.5, 0.2), (4.8, 0.05)])
def test_bins_that_scatter_more_than_their_entries_explain_are_found(entries, spread):
    detector = make("excess_scatter").fit(runs(range(1, 6), seed=1, pileup=1.0))
    test = run(20, 200, 3, pileup=1.0, entries=(entries, entries))
    usual, wrong = np.split(detector.score(noisy(test, spread, slice(100, 200))), 2)
    assert np.mean(wrong > np.quantile(usual, 0.99)) > 0.9


def test_noise_is_seen_weaker_than_by_the_test_of_every_fault():
    train = runs(range(1, 7), seed=1, pileup=1.0)
    test = runs(range(11, 17), seed=2, pileup=1.0, entries=(4, 4))
    rows = np.arange(0, len(test.ids), 2)
    test = noisy(test, 0.075, rows)
    bad = np.isin(np.arange(len(test.ids)), rows)
    found = {}
    for name in ("excess_scatter", "tracked_reference"):
        scores = make(name).fit(train).score(test)
        found[name] = np.mean(scores[bad] > np.quantile(scores[~bad], 0.99))
    assert found["excess_scatter"] > found["tracked_reference"]
    assert found["excess_scatter"] > 0.7


def test_where_pile_up_stands_is_no_scatter_before_the_run_has_told_it():
    train = runs(range(1, 8), seed=1, pileup=2.0)
    drift = Drift.of(train.counts, train.groups)
    test = run(30, 150, 4, pileup=2.0, entries=(5, 5))
    sigma = scatter(test.counts, expected_of(drift, test.counts, test.groups, test.times, False), drift)
    assert drift.motions.shape[1] >= 1
    assert np.quantile(sigma, 0.9) < 2.5
    fixed = drift._replace(motions=drift.motions[:, :0], between=np.zeros(0), quick=np.zeros(0))
    alone = expected_of(fixed, test.counts, test.groups, test.times, False)
    assert np.quantile(scatter(test.counts, alone, fixed), 0.9) > 5


def test_the_reasons_are_the_bins_that_stray_most():
    train, test = runs(range(1, 6), seed=1), run(20, 20, 3, entries=(4, 4))
    counts = test.counts.copy()
    counts[10, [20, 35]] = counts[10, [20, 35]] * 2
    counts[10, 30] //= 2
    (reasons,) = make("excess_scatter").fit(train).reasons(replace(test, counts=counts), np.array([10]))
    assert {reason["bin"] for reason in reasons[:3]} == {20, 30, 35}
    assert {reason["bin"]: reason["pull"] < 0 for reason in reasons[:3]} == {20: False, 30: True, 35: False}


def test_a_hot_bin_is_not_hidden_by_pile_up_that_moves_the_bins_around_it():
    train = runs(range(1, 7), seed=1, pileup=2.0)
    test = runs(range(11, 15), seed=2, pileup=2.0, entries=(4.8, 4.8))
    counts, rows = test.counts.copy(), np.arange(1, len(test.ids), 3)
    counts[rows, 40] += np.rint(7 * np.sqrt(counts[:, 40].mean())).astype(int)
    bad = np.isin(np.arange(len(test.ids)), rows)
    found = {}
    for name in ("tracked_pull", "max_pull"):
        scores = make(name).fit(train).score(replace(test, counts=counts, entries=counts.sum(axis=1)))
        found[name] = np.mean(scores[bad] > np.quantile(scores[~bad], 0.99))
    assert found["tracked_pull"] > max(found["max_pull"], 0.9)
