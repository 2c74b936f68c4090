"""Every event keeps its contract, in flux and in magnitudes; `inject` records what really changed."""

import numpy as np
import pytest

from lightcurves.injections import INJECTIONS, MEASURABLE, Place, inject, noise_of
from project.samples import FIT, SCORE, Series

UNITS = ("uJy", "mag", "")


def light_curve(n=200, unit="uJy", seed=0):
    """Irregular times, a constant level, noise of 1 µJy, 0.02 mag or 1; the middle value is missing."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(58_000, 58_300, n))
    level, noise = {"uJy": (200.0, 1.0), "mag": (17.0, 0.02), "": (-3.0, 1.0)}[unit]
    values = level + noise * rng.standard_normal(n)
    values[n // 2] = np.nan
    return times, values, np.full(n, noise)


@pytest.fixture(params=UNITS, ids=lambda unit: unit or "own unit", name="unit")
def _unit(request):
    return request.param


@pytest.fixture(params=list(INJECTIONS), name="injection")
def _injection(request):
    return INJECTIONS[request.param]


def injected(injection, strength, unit, seed=7, n=200):
    times, values, errors = light_curve(n, unit)
    return values, injection(times, values, errors, np.random.default_rng(seed), strength, unit)


def same(a, b):
    return np.array_equal(a.view(np.int64), b.view(np.int64))


def test_same_shape_and_input_untouched(injection, unit):
    times, values, errors = light_curve(unit=unit)
    kept = values.copy()
    for vector in (times, values, errors):
        vector.flags.writeable = False
    changed = injection(times, values, errors, np.random.default_rng(0), 10.0, unit)
    assert changed.shape == values.shape
    assert same(values, kept)


def test_same_seed_same_result_and_another_seed_another(injection, unit):
    before, first = injected(injection, 10.0, unit)
    assert same(first, injected(injection, 10.0, unit)[1])
    assert not same(first, injected(injection, 10.0, unit, seed=8)[1])
    assert not same(first, before)


def test_zero_strength_changes_nothing(injection, unit):
    before, after = injected(injection, 0.0, unit)
    assert same(before, after)


def test_change_grows_with_strength(injection, unit):
    _, _, errors = light_curve(unit=unit)
    sizes = []
    for strength in np.geomspace(*injection.strength_range, 5):
        before, after = injected(injection, strength, unit)
        sizes.append(np.sqrt(np.nansum(((after - before) / errors) ** 2)))
    assert (np.diff(sizes) > 0).all()


def test_outside_the_event_values_stay_bit_by_bit_and_missing_stays_missing(injection, unit):
    for seed in range(20):
        before, after = injected(injection, injection.strength_range[1], unit, seed)
        assert np.array_equal(np.isnan(before), np.isnan(after))
        touched = np.flatnonzero((before != after) & ~np.isnan(before))
        assert 0 < len(touched) < 0.95 * len(before)
        inside = np.arange(len(before))[touched[0] : touched[-1] + 1]
        assert np.isnan(before[np.setdiff1d(inside, touched)]).all()


def test_the_result_is_physical(injection):
    for unit in ("uJy", "mag"):
        before, after = injected(injection, 1e5, unit)
        assert np.isfinite(after[np.isfinite(before)]).all()
    before, after = injected(injection, 1e5, "uJy")
    assert np.nanmin(after) >= 0


def test_negative_strength_is_refused(injection):
    with pytest.raises(ValueError, match=injection.name):
        injected(injection, -1.0, "uJy")


def test_a_short_or_missing_series_is_left_alone(injection):
    assert injection(np.arange(3.0), np.ones(3), None, np.random.default_rng(0), 5.0).tolist() == [1, 1, 1]
    missing = np.full(30, np.nan)
    assert np.isnan(injection(np.arange(30.0), missing, None, np.random.default_rng(0), 5.0)).all()
    assert len(injection(np.zeros(0), np.zeros(0), None, np.random.default_rng(0), 5.0)) == 0


def test_equal_times_and_constant_values_are_fine(injection):
    for times in (np.zeros(50), np.repeat(np.arange(10.0), 5)):
        for values in (np.zeros(50), np.full(50, 5.0)):
            changed = injection(times, values, None, np.random.default_rng(1), 5.0)
            assert np.isfinite(changed).all()


def test_every_injection_introduces_itself(injection):
    assert INJECTIONS[injection.name] is injection
    assert injection.summary
    assert injection.strength_meaning
    assert 0 < injection.strength_range[0] < injection.strength_range[1]


@pytest.mark.parametrize(("name", "brighter"), [("flare", True), ("dip", False), ("dropout", False)])
def test_brighter_is_more_flux_and_a_smaller_magnitude(name, brighter):
    for unit, sign in (("uJy", 1), ("", 1), ("mag", -1)):
        before, after = injected(INJECTIONS[name], 10.0, unit)
        change = np.nansum(after - before)
        assert (sign * change > 0) == brighter


def test_a_step_goes_either_way_and_stays():
    signs = set()
    for seed in range(10):
        before, after = injected(INJECTIONS["step"], 5.0, "uJy", seed)
        change = (after - before)[np.isfinite(before)]
        assert change[-1] == pytest.approx(np.sign(change[-1]) * 5)
        assert change[0] == 0
        signs.add(np.sign(change[-1]))
    assert signs == {-1, 1}


def test_the_peak_of_a_flare_has_its_strength_and_rises_faster_than_it_falls():
    times, values, errors = light_curve()
    after = INJECTIONS["flare"](times, values, errors, np.random.default_rng(3), 20.0, "uJy")
    change = np.nan_to_num(after - values)
    peak = int(change.argmax())
    assert change[peak] == pytest.approx(20)
    assert np.count_nonzero(change[:peak]) < np.count_nonzero(change[peak + 1 :])


def test_a_magnitude_changes_by_the_flux_factor():
    place = Place(np.arange(3.0), np.full(3, 17.0), 0.02, magnitude=True)
    relative = 10 * 0.02 * np.log(10) / 2.5
    assert place.brightened(np.array([0.0, 10.0, -10.0])) == pytest.approx(
        [17, 17 - 2.5 * np.log10(1 + relative), 17 + 2.5 * np.log10(1 + relative)]
    )


def test_a_dead_channel_stands_still():
    times, values, errors = light_curve()
    after = INJECTIONS["dropout"](times, values, errors, np.random.default_rng(3), 20.0, "uJy")
    assert len(np.unique(after[(after != values) & np.isfinite(values)])) == 1
    assert np.nanmin(after) == pytest.approx(np.nanmedian(values) - 20)


def test_noise_is_the_error_or_the_robust_scatter_between_steps():
    rng = np.random.default_rng(0)
    slow = 100 * np.sin(np.arange(5000) / 1000) + rng.normal(0, 2, 5000)
    slow[::100] += 500
    assert noise_of(slow, None)[0] == pytest.approx(2, rel=0.1)
    errors = np.array([0.5, np.nan, 0.0, -1.0])
    assert noise_of(np.array([1.0, 2.0, 4.0, 1.0]), errors)[0] == 0.5
    assert (noise_of(np.array([1.0, 2.0, 4.0, 1.0]), errors) > 0).all()
    assert noise_of(np.full(9, 50.0), None)[0] == 0.5
    assert noise_of(np.zeros(9), None)[0] == 1.0


def series(lengths=(120, 5, 80, 200, 60), unit="uJy", names="abcde"):
    curves = [light_curve(n, unit, seed=ord(name)) for n, name in zip(lengths, names, strict=True)]
    times, values, errors = (np.concatenate([curve[part] for curve in curves]) for part in range(3))
    return Series(
        ids=np.array(list(names)),
        groups=np.array(list(names)),
        roles=np.where(np.array(list(names)) == "c", FIT, SCORE),
        values=values,
        errors=errors,
        times=times,
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
    )


def test_inject_records_every_event_and_marks_its_steps():
    samples = series()
    found = inject(samples, per_series=2, seed=4)
    assert [event.id for event in found.events] == list("aaddee")
    changed = (found.samples.values != samples.values) & np.isfinite(samples.values)
    assert not (found.truth & ~changed).any()
    assert not changed[samples.offsets[1] : samples.offsets[3]].any()
    assert np.array_equal(found.kind != "", found.sigma > 0)
    for event in found.events:
        assert event.kind in INJECTIONS
        assert event.n_changed == np.count_nonzero(found.sigma == event.sigma)
        assert event.truth == (event.sigma >= MEASURABLE)
        assert found.truth[event.first] == found.truth[event.last] == event.truth
        assert (samples.times[event.first], samples.times[event.last]) == (event.start, event.end)
        assert event.start <= event.end


def test_truth_is_where_the_change_exceeds_the_noise():
    samples = series()
    found = inject(samples, ["flare"], 1, (30.0, 30.0))
    size = np.nan_to_num(np.abs(found.samples.values - samples.values) / samples.errors)
    assert np.array_equal(found.truth, size >= 1)
    small = inject(samples, ["step"], 1, (0.5, 0.5))
    true = [event for event in small.events if event.truth]
    assert true
    assert np.count_nonzero(small.truth) == sum(event.n_changed for event in true)
    assert all(event.sigma == pytest.approx(0.5 * np.sqrt(event.n_changed)) for event in true)


def test_what_cannot_be_seen_is_listed_but_not_truth():
    found = inject(series(), ["flare"], 1, (0.01, 0.01))
    assert len(found.events) == 3
    assert not found.truth.any()
    assert not any(event.truth for event in found.events)


def test_a_series_gets_the_same_whoever_its_neighbours_are():
    samples = series()
    whole = inject(samples, ["flare", "dip"], 1.5, seed=3)
    part = inject(samples.take(np.array([3, 0])), ["dip", "flare"], 1.5, seed=3)
    assert np.array_equal(part.samples.values[:200], whole.samples.values[205:405], equal_nan=True)
    assert [event[1:4] for event in part.events if event.id == "d"] == [
        event[1:4] for event in whole.events if event.id == "d"
    ]


def test_per_series_is_the_mean_number_of_events():
    names = "".join(chr(200 + i) for i in range(300))
    samples = series([20] * 300, names=names)
    assert 60 < len(inject(samples, per_series=0.3).events) < 120
    assert inject(samples, per_series=0).events == ()


def test_an_event_without_a_free_place_changes_nothing():
    found = inject(series(), ["step"], 12, (5.0, 5.0))
    idle = [event for event in found.events if not event.n_changed]
    assert len(found.events) == 36
    assert idle
    assert all(event.first == -1 and event.sigma == 0 and not event.truth for event in idle)


def test_wrong_requests_are_named():
    with pytest.raises(ValueError, match="unknown injection nova"):
        inject(series(), ["nova"])
    with pytest.raises(ValueError, match="per_series"):
        inject(series(), per_series=-1)
    with pytest.raises(ValueError, match="bounds of a strength"):
        inject(series(), strength=(5.0, 1.0))


def test_an_added_kind_is_injected_without_another_edit(monkeypatch):
    from lightcurves.injections import Injection

    def spike(series, rng, strength):
        """One step too high."""
        amount = np.zeros(len(series.times))
        amount[series.step(rng)] = strength
        return series.brightened(amount)

    monkeypatch.setitem(INJECTIONS, "spike", Injection(spike, (5.0, 9.0), "height divided by the noise"))
    found = inject(series(), ["spike"])
    assert [event.n_changed for event in found.events] == [1, 1, 1]
