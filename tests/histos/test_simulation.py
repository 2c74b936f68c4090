"""Simulated runs: reproducible, marked as simulated, healthy, and shaped by pile-up as promised."""

import numpy as np
import pytest

from histos.simulation import DATASET, DETECTORS, ENTRIES, EXPERIMENT, simulate
from histos.simulation_shapes import FAMILIES, element_1d, element_2d, expected_1d, expected_2d


@pytest.fixture(scope="module")
def runs():
    return list(simulate(n_runs=5, n_lumisections=120, n_elements_1d=9, n_elements_2d=1, seed=3))


def test_everything_says_that_it_is_simulated(runs):
    assert EXPERIMENT == "CMS-simulated"
    assert DATASET.startswith("/Simulated/")
    for run in runs:
        assert run.run.era == "Simulated"
        assert all(element.name.startswith("Simulated/") for element in run.counts)


def test_same_seed_same_runs(runs):
    for first, second in zip(runs, simulate(5, 120, 9, 1, seed=3), strict=True):
        assert first.run == second.run
        assert first.lumisections == second.lumisections
        assert all(np.array_equal(first.counts[element], second.counts[element]) for element in first.counts)


def test_another_seed_gives_other_runs(runs):
    (other,) = simulate(1, 120, 1, 0, seed=4)
    assert other.lumisections != runs[0].lumisections


def test_a_run_does_not_depend_on_how_many_follow(runs):
    (alone,) = simulate(1, 120, 9, 1, seed=3)
    assert alone.lumisections == runs[0].lumisections
    assert all(np.array_equal(alone.counts[element], runs[0].counts[element]) for element in alone.counts)


def test_histograms_are_records_of_the_lumisections_that_were_ready(runs):
    for run in runs:
        records = list(run.histograms())
        ready = {ls.number for ls in run.lumisections if all(ls.flags[bit] for bit in DETECTORS)}
        assert {record.lumisection for record in records} == ready
        assert len(records) == len(ready) * 10
        assert all(record.counts.shape == (record.element.cells,) for record in records)
        assert all(record.entries == record.counts.sum() for record in records)


def test_some_lumisections_are_not_ready_and_few(runs):
    missing = [len(run.lumisections) - len(run.filled) for run in simulate(20, 300, 0, 0)]
    assert sum(missing) > 0
    assert max(missing) <= 6


@pytest.mark.parametrize("n", [1, 2, 10])
def test_short_runs_are_complete(n):
    (run,) = simulate(1, n, 1, 1)
    assert run.filled.tolist() == list(range(1, n + 1))


def test_entries_are_log_uniform(runs):
    entries = np.concatenate([counts.sum(1) for run in runs for counts in run.counts.values()])
    fraction = np.log(entries / ENTRIES[0]) / np.log(ENTRIES[1] / ENTRIES[0])
    assert np.histogram(fraction, np.linspace(0, 1, 5))[0] == pytest.approx(len(entries) / 4, rel=0.08)


def test_pileup_and_luminosity_decay_along_the_fill(runs):
    for run in runs:
        pileup = np.array([ls.pileup for ls in run.lumisections])
        assert 30 < pileup[-20:].mean() < pileup[:20].mean() < 65
        for ls in run.lumisections:
            assert 0 < ls.recorded_luminosity < ls.delivered_luminosity < 0.6  # pb⁻¹ in 23.3 s
            assert ls.delivered_luminosity == pytest.approx(ls.pileup * 0.00767, rel=0.01)
        assert run.run.recorded_luminosity == pytest.approx(
            sum(ls.recorded_luminosity for ls in run.lumisections)
        )


@pytest.mark.parametrize("index", range(2 * len(FAMILIES)))
def test_shapes_are_probabilities_and_pileup_moves_them_smoothly(index):
    shapes = expected_1d(index, np.array([40.0, 50.0, 60.0]), 1.0)
    assert shapes.shape == (3, element_1d(index).cells)
    assert shapes.min() >= 0
    assert shapes.sum(1) == pytest.approx(1)
    assert 0.5 * np.abs(shapes[2] - shapes[0]).sum() < 0.25


def test_multiplicity_moves_with_pileup_and_azimuth_hardly():
    def moved(name: str) -> float:
        index = next(n for n, family in enumerate(FAMILIES) if name in family.name)
        low, high = expected_1d(index, np.array([40.0, 60.0]), 1.0)
        return float(np.abs(high - low).sum())

    assert moved("vertices") > 0.2
    assert moved("TrackPhi") < 0.01


def test_charge_peaks_and_falls_like_a_landau():
    (shape,) = expected_1d(0, np.array([50.0]), 1.0)
    peak = int(shape.argmax())
    half = np.flatnonzero(shape > shape[peak] / 2)
    assert half[-1] - peak > 1.3 * (peak - half[0])
    assert shape[-1] > 0  # its tail reaches the overflow bin


def test_maps_have_structure_and_no_flow():
    (flat,) = expected_2d(0, np.array([50.0]), 1.0)
    cells = flat.reshape(42, 62)
    assert element_2d(0).cells == flat.size
    assert cells[0].sum() + cells[-1].sum() + cells[:, 0].sum() + cells[:, -1].sum() == 0
    assert (cells[1:-1, 1:-1] == 0).any()
    assert flat.sum() == pytest.approx(1)


def test_runs_fluctuate_as_counting_does_around_their_shape(runs):
    """No fault: χ² per bin against the expected shape is one."""
    run = runs[0]
    counts = run.counts[element_1d(3)]  # azimuth, which hardly depends on anything
    shape = counts.sum(0) / counts.sum()
    expected = counts.sum(1, keepdims=True) * shape
    seen = expected > 10
    assert ((counts - expected)[seen] ** 2 / expected[seen]).mean() == pytest.approx(1, abs=0.05)


def test_every_fourth_run_has_other_conditions(runs):
    """The mean of a charge spectrum moves by 2 % in run four, by tenths of a percent in the others."""
    cells = np.arange(82)
    means = [np.average(cells, weights=run.counts[element_1d(0)].sum(0)) for run in runs]
    others = np.array([*means[:3], means[4]])
    assert others.std() / others.mean() < 0.008
    assert 0.008 < means[3] / others.mean() - 1 < 0.04
