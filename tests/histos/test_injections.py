"""Every injection keeps its contract, on 1D histograms and on maps; `inject` records what really changed."""

from dataclasses import replace

import numpy as np
import pytest

from histos.injections import INJECTIONS, MEASURABLE, changed_counts, inject, significance
from histos.injections.moves import move_along_x
from project.samples import FIT, SCORE, HistogramSequence

SHAPES = {"1D": (42,), "2D": (12, 22)}


def poisson_histograms(shape, n=30, entries=20_000, seed=1):
    """A bell along x on a flat floor, the same in every row of y; flow bins are filled too."""
    x = np.arange(shape[-1])
    expected = np.broadcast_to(np.exp(-0.5 * ((x - shape[-1] / 2) / (shape[-1] / 8)) ** 2) + 0.05, shape)
    expected = expected / expected.sum() * entries
    rng = np.random.default_rng(seed)
    return rng.poisson(np.broadcast_to(expected.ravel(), (n, expected.size))).astype(float)


@pytest.fixture(params=SHAPES, name="shape")
def _shape(request):
    return SHAPES[request.param]


@pytest.fixture(params=list(INJECTIONS), name="injection")
def _injection(request):
    return INJECTIONS[request.param]


def rng():
    return np.random.default_rng(7)


def strongest(injection, n):
    return np.full(n, injection.strength_range[1])


def test_same_shape_and_input_untouched(injection, shape):
    counts = poisson_histograms(shape)
    kept = counts.copy()
    counts.flags.writeable = False
    assert injection(counts, shape, rng(), strongest(injection, 30)).shape == counts.shape
    assert np.array_equal(counts, kept)


def test_same_seed_same_result(injection, shape):
    counts = poisson_histograms(shape)
    first, second = (injection(counts, shape, rng(), strongest(injection, 30)) for _ in range(2))
    assert np.array_equal(first, second)
    assert (first != counts).any(axis=1).all()


def test_counts_stay_counts(injection, shape):
    changed = injection(poisson_histograms(shape, entries=300), shape, rng(), strongest(injection, 30))
    assert (changed >= 0).all()
    assert np.array_equal(changed, np.rint(changed))


def test_change_grows_with_strength(injection, shape):
    counts = poisson_histograms(shape)
    low, high = injection.strength_range
    sigma = [
        np.median(significance(counts, injection(counts, shape, rng(), np.full(30, strength))))
        for strength in np.geomspace(low, high, 5)
    ]
    assert (np.diff(sigma) > 0).all()
    assert sigma[-1] > 10 * MEASURABLE


def test_zero_strength_changes_nothing_and_other_rows_stay(injection, shape):
    counts = poisson_histograms(shape)
    strength = np.zeros(30)
    strength[3] = injection.strength_range[1]
    changed = injection(counts, shape, rng(), strength)
    assert np.flatnonzero((changed != counts).any(axis=1)).tolist() == [3]


def test_sums_of_weights_and_empty_histograms_are_fine(injection, shape):
    weights = poisson_histograms(shape) * 0.37
    weights[1] = 0
    changed = injection(weights, shape, rng(), strongest(injection, 30))
    assert np.isfinite(changed).all()
    assert (changed[0] != weights[0]).any()
    assert (changed[1] == 0).all()


def test_one_filled_bin_is_fine(injection, shape):
    counts = np.zeros((4, np.prod(shape)))
    counts[:, counts.shape[1] // 2 + 1] = 100
    changed = injection(counts, shape, rng(), strongest(injection, 4))
    assert np.isfinite(changed).all()


def test_negative_strength_is_refused(injection):
    with pytest.raises(ValueError, match=injection.name):
        injection(np.ones((1, 4)), (4,), rng(), np.array([-1.0]))


def test_every_injection_introduces_itself(injection):
    assert INJECTIONS[injection.name] is injection
    assert injection.summary
    assert injection.strength_meaning
    assert 0 < injection.strength_range[0] < injection.strength_range[1]


@pytest.mark.parametrize("name", ["shift", "scale"])
def test_moving_keeps_the_total_and_the_flow_bins(name, shape):
    counts = poisson_histograms(shape)
    changed = INJECTIONS[name](counts, shape, rng(), strongest(INJECTIONS[name], 30))
    assert np.array_equal(changed.sum(axis=1), counts.sum(axis=1))
    before, after = counts.reshape(-1, *shape), changed.reshape(-1, *shape)
    assert (after[..., 0] >= before[..., 0]).all()
    assert (after[..., -1] >= before[..., -1]).all()


@pytest.mark.parametrize("name", ["dead_bins", "hot_bin", "noise"])
def test_flow_bins_are_not_touched_where_nothing_moves(name):
    counts = poisson_histograms((42,))
    changed = INJECTIONS[name](counts, (42,), rng(), strongest(INJECTIONS[name], 30))
    assert np.array_equal(changed[:, [0, -1]], counts[:, [0, -1]])


def moments(counts):
    x = np.arange(counts.shape[1] - 2) + 0.5
    inside = counts[:, 1:-1]
    mean = inside @ x / inside.sum(axis=1)
    return mean, np.sqrt(inside @ x**2 / inside.sum(axis=1) - mean**2)


def test_a_shift_moves_the_mean_by_that_many_widths():
    counts = np.zeros((20, 102))
    counts[:, 41:61] = 10_000
    mean, width = moments(counts)
    moved, _ = moments(INJECTIONS["shift"](counts, (102,), rng(), np.full(20, 0.3)))
    assert np.abs(moved - mean) == pytest.approx(0.3 * width, rel=0.02)
    assert len(set(np.sign(moved - mean))) == 2


def test_a_gain_change_keeps_the_mean_and_changes_the_width():
    counts = np.zeros((20, 102))
    counts[:, 41:61] = 10_000
    mean, width = moments(counts)
    moved, stretched = moments(INJECTIONS["scale"](counts, (102,), rng(), np.full(20, 0.5)))
    assert moved == pytest.approx(mean, rel=0.01)
    ratio = stretched / width
    assert ratio[ratio > 1] == pytest.approx(1.5, rel=0.02)
    assert ratio[ratio < 1] == pytest.approx(1 / 1.5, rel=0.02)


def test_moving_by_whole_bins_is_exact():
    counts = np.array([1.0, 2, 3, 4, 5, 6])
    low = np.arange(4.0) + 2
    assert move_along_x(counts, low, low + 1, rng()).tolist() == [1, 0, 0, 2, 3, 15]
    assert move_along_x(counts, low - 4, low - 3, rng()).tolist() == [6, 4, 5, 0, 0, 6]


def test_a_thinned_or_moved_poisson_stays_poisson():
    counts = np.random.default_rng(0).poisson(50.0, (4000, 12)).astype(float)
    low = np.arange(10.0) + 0.4
    moved = np.array(
        [move_along_x(row, low, low + 1, rng_) for row, rng_ in zip(counts, [rng()] * 4000, strict=True)]
    )
    assert moved[:, 4].var() / moved[:, 4].mean() == pytest.approx(1, abs=0.08)


def test_significance_of_a_known_change():
    before = np.full((1, 100), 100.0)
    after = before.copy()
    after[0, 0] -= 50
    assert significance(before, after, shape_only=False)[0] == pytest.approx(5)
    assert significance(before, after)[0] == pytest.approx(5, rel=0.02)
    assert significance(before, before * 0.5)[0] == 0
    assert significance(before, before * 0)[0] == pytest.approx(100)
    assert significance(before, before)[0] == 0


def sequence(n=400, entries=5_000, seed=3, start=0):
    counts = poisson_histograms((42,), n, entries, seed)
    return HistogramSequence(
        ids=np.array([f"CMS/1/{start + i}" for i in range(n)]),
        groups=np.repeat(["run 1"], n),
        roles=np.where(np.arange(n) % 4, SCORE, FIT),
        counts=counts,
        edges=(np.linspace(0, 1, 41),),
        times=np.arange(n, dtype=float),
        entries=counts.sum(axis=1),
        element="charge",
    )


def test_inject_changes_only_rows_to_be_scored_and_records_them():
    samples = sequence()
    found = inject(samples, fraction=0.3, seed=5)
    chosen = found.kind != ""
    assert 60 < chosen.sum() < 120
    assert not chosen[samples.roles == FIT].any()
    assert np.array_equal(found.samples.counts[~chosen], samples.counts[~chosen])
    assert np.array_equal(found.changed, (found.samples.counts != samples.counts).sum(axis=1))
    assert np.array_equal(found.truth, (found.sigma >= MEASURABLE) & (found.changed > 0))
    assert not found.truth[~chosen].any()
    assert (found.strength[chosen] > 0).all()
    assert set(found.kind[chosen]) == set(INJECTIONS)
    assert np.array_equal(found.samples.entries, found.samples.counts.sum(axis=1))
    assert np.array_equal(found.samples.ids, samples.ids)


@pytest.mark.parametrize("kinds", [(), ("shift", "noise")])
def test_what_is_drawn_again_for_a_few_rows_is_what_all_of_them_got(kinds):
    samples = sequence()
    found = inject(samples, kinds, fraction=0.3, seed=5)
    assert np.array_equal(changed_counts(samples, kinds, 0.3, None, 5), found.samples.counts)
    rows = np.flatnonzero(found.kind != "")[:4]
    few = changed_counts(samples.take(rows), kinds, 0.3, None, 5)
    assert np.array_equal(few, found.samples.counts[rows])


def test_first_and_last_changed_cell_are_recorded():
    found = inject(sequence(), ["hot_bin"], 0.2, (0.5, 0.5))
    hot = found.kind == "hot_bin"
    assert (found.changed[hot] == 1).all()
    assert np.array_equal(found.first[hot], found.last[hot])
    assert (found.first[hot] >= 1).all()
    assert (found.first[~hot] == -1).all()


def test_a_row_gets_the_same_whoever_its_neighbours_are():
    samples = sequence()
    whole = inject(samples, ["shift", "dead_bins"], 0.5, seed=9)
    order = np.random.default_rng(1).permutation(400)[:150]
    part = inject(samples.take(order), ["dead_bins", "shift"], 0.5, seed=9)
    assert np.array_equal(part.samples.counts, whole.samples.counts[order])
    assert np.array_equal(part.kind, whole.kind[order])
    assert np.array_equal(part.strength, whole.strength[order])
    other = inject(samples, ["shift", "dead_bins"], 0.5, seed=10)
    assert not np.array_equal(other.kind, whole.kind)
    elsewhere = inject(replace(samples, element="size"), ["shift", "dead_bins"], 0.5, seed=9)
    assert not np.array_equal(elsewhere.kind, whole.kind)


def test_what_changes_nothing_measurable_is_listed_but_not_truth():
    found = inject(sequence(entries=20), ["noise"], 1.0, (1e-6, 1e-6))
    chosen = found.kind == "noise"
    assert chosen.sum() == 300
    assert not found.truth.any()
    assert (found.sigma < MEASURABLE).all()


def test_integers_stay_integers_and_the_dtype_holds_them():
    samples = sequence()
    small = replace(samples, counts=samples.counts.astype(np.uint16))
    assert np.array_equal(inject(small, seed=2).samples.counts, inject(samples, seed=2).samples.counts)
    assert small.counts.dtype == np.uint16


def test_wrong_requests_are_named():
    with pytest.raises(ValueError, match="unknown injection melted"):
        inject(sequence(), ["melted"])
    with pytest.raises(ValueError, match="fraction"):
        inject(sequence(), fraction=1.5)
    with pytest.raises(ValueError, match="bounds of a strength"):
        inject(sequence(), strength=(0.0, 1.0))


def test_nothing_chosen_is_fine():
    found = inject(sequence(), fraction=0.0)
    assert not found.truth.any()
    assert np.array_equal(found.samples.counts, sequence().counts)


def test_an_added_kind_is_injected_without_another_edit(monkeypatch):
    from histos.injections import Injection

    def emptied(counts, rng, strength):
        """All entries are lost."""
        return counts * 0

    monkeypatch.setitem(INJECTIONS, "emptied", Injection(emptied, (1.0, 1.0001), "has none"))
    found = inject(sequence(), ["emptied"], 1.0)
    assert found.truth.sum() == 300
    assert (found.samples.entries[found.truth] == 0).all()


def flat(n=200, entries=10_000):
    counts = np.random.default_rng(0).poisson(entries / 102, (n, 102)).astype(float)
    return HistogramSequence(
        ids=np.arange(n).astype(str),
        groups=np.arange(n).astype(str),
        counts=counts,
        edges=(np.linspace(0, 1, 101),),
        times=np.arange(n, dtype=float),
        entries=counts.sum(axis=1),
    )


def test_a_shifted_bell_changes_by_shift_times_root_entries_and_moved_noise_does_not_count():
    bell = np.exp(-0.5 * ((np.arange(102) - 50.5) / 12) ** 2)
    counts = np.random.default_rng(0).poisson(10_000 * bell / bell.sum(), (200, 102)).astype(float)
    samples = replace(flat(), counts=counts, entries=counts.sum(axis=1))
    found = inject(samples, ["shift"], 1.0, (0.02, 0.02), measure="linear")
    assert found.sigma == pytest.approx(0.02 * np.sqrt(samples.entries), rel=0.05)
    assert significance(counts, found.samples.counts).min() > 3


@pytest.mark.parametrize("kind", ["dead_bins", "hot_bin", "noise"])
def test_the_recorded_change_is_what_the_counts_show(kind):
    samples = flat()
    found = inject(samples, [kind], 1.0, (0.3, 0.3), measure="linear")
    shown = significance(samples.counts, found.samples.counts)
    assert np.median(found.sigma) == pytest.approx(np.median(shown), rel=0.2)


def test_more_entries_make_the_same_fault_clearer():
    few, many = (inject(flat(entries=n), ["dead_bins"], 1.0, (0.1, 0.1)).sigma for n in (10_000, 1_000_000))
    assert np.median(many) == pytest.approx(10 * np.median(few), rel=0.1)


def test_everything_in_one_bin_or_nothing_at_all_is_fine():
    counts = np.zeros((50, 42))
    counts[:25, 20] = 1000
    samples = replace(sequence(50), counts=counts, entries=counts.sum(axis=1))
    found = inject(samples, fraction=1.0)
    assert np.isfinite(found.sigma).all()
    assert not found.truth[25:].any()
    empty = inject(replace(samples, counts=counts * 0), fraction=1.0)
    assert not empty.truth.any()


def test_evidence_is_the_significance_of_the_best_test():
    from histos.injections.evidence import beyond_chance, evidence, evidence_of_scatter

    before = np.full(100, 400.0)
    small = before.copy()
    small[0] += 20
    assert evidence(before, small) == pytest.approx(significance(before, small)[0], rel=0.03)
    few = np.full(100, 1.0)
    hot = few.copy()
    hot[0] += 6
    # Seven entries where one is expected: a chance of 8e-5, 3.8 sigma, while (n - µ)/√µ says 6.
    assert evidence(few, hot) == pytest.approx(3.8, abs=0.2)
    dead = before.copy()
    dead[:2] = 0
    assert evidence(before, dead) > significance(before, dead)[0]
    assert evidence(before, before * 0.3) == pytest.approx(0, abs=1e-6)
    assert evidence(before, before * 0) == pytest.approx(np.sqrt(2 * 40_000))
    assert evidence_of_scatter(before, 0.0) == 0
    assert beyond_chance(6.0, 1) == pytest.approx(6.0)
    assert beyond_chance(6.0, 100) == pytest.approx(5.2, abs=0.05)
    assert beyond_chance(1.0, 100) == 0


def test_scatter_is_as_strong_as_the_best_test_finds_it():
    """Drawn a thousand times, the likelihood ratio that knows the spread has the median that is promised."""
    from histos.injections.evidence import evidence_of_scatter

    rng = np.random.default_rng(0)
    mean, spread = np.full(40, 500.0), 0.06
    ratio = 1 + spread**2 * mean
    factors = rng.lognormal(-np.log1p(spread**2) / 2, np.sqrt(np.log1p(spread**2)), (1000, 40))
    pull = (rng.poisson(mean * factors) - mean) ** 2 / mean
    gain = np.sum(pull * (1 - 1 / ratio) - np.log(ratio), axis=1)
    assert np.sqrt(np.median(gain)) == pytest.approx(evidence_of_scatter(mean, spread), rel=0.05)


def test_another_measure_is_refused_by_name():
    with pytest.raises(ValueError, match="likelihood or linear"):
        inject(sequence(), measure="guess")
