"""Put events of known kind and strength into a frozen set of series, and say what really changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lightcurves import injections
from lightcurves.injections.base import MIN_STEPS, Injection
from lightcurves.injections.events import Change, Event, Steps
from lightcurves.injections.noise import noise_of
from project.draws import log_uniform, rng_for
from project.samples import SCORE, Series

# How often a new place is drawn for an event that would touch another one.
_TRIES = 20


@dataclass(frozen=True)
class Injected:
    """``samples`` are a changed copy; ``events`` lists all that was injected, measurable or not.

    ``truth``, ``kind`` (``""``: none), ``strength`` and ``sigma`` of the event have one value per time step,
    as scores do.
    """

    samples: Series
    truth: np.ndarray
    kind: np.ndarray
    strength: np.ndarray
    sigma: np.ndarray
    events: tuple[Event, ...]


def inject(
    samples: Series,
    kinds: Sequence[str] = (),
    per_series: float = 1.0,
    strength: tuple[float, float] | None = None,
    seed: int = 0,
    unit: str = "",
) -> Injected:
    """Inject events of ``kinds`` (all when none is named), ``per_series`` on average, where scores are due.

    ``per_series`` 0.3 gives three series in ten one event, 2 gives each two that do not touch. ``strength``
    is the range to draw from, even in the logarithm; each kind's own when None. Series with fewer than 10
    finite steps are left alone. What a series gets depends on the seed and its id alone. ``unit`` of the
    values: ``mag`` is inverted.
    """
    known = _known(kinds)
    if per_series < 0:
        raise ValueError(f"per_series must not be negative, not {per_series}")
    values = np.array(samples.values, dtype=float)
    steps, events = Steps(len(values)), []
    for i in _long_enough(samples):
        rng = rng_for(seed, "series", samples.ids[i])
        for _ in range(int(per_series) + int(rng.random() < per_series % 1)):
            injection = known[rng.integers(len(known))]
            drawn = log_uniform(rng, strength or injection.strength_range)
            events.append(steps.record(_changed(samples, i, values, (injection, drawn, unit), rng)))
    return Injected(
        replace(samples, values=values), steps.truth, steps.kind, steps.strength, steps.sigma, tuple(events)
    )


def _long_enough(samples: Series) -> list[int]:
    finite = np.concatenate([[0], np.cumsum(np.isfinite(samples.values) & np.isfinite(samples.times))])
    lengths = finite[samples.offsets[1:]] - finite[samples.offsets[:-1]]
    return [int(i) for i in np.flatnonzero((samples.roles & SCORE > 0) & (lengths >= MIN_STEPS))]


def _changed(
    samples: Series, i: int, values: np.ndarray, what: tuple[Injection, float, str], rng: np.random.Generator
) -> Change:
    """Make the event in ``values``; one that finds no place free of other events changes nothing."""
    injection, strength, unit = what
    here = slice(int(samples.offsets[i]), int(samples.offsets[i + 1]))
    times, errors, original = samples.times[here], samples.errors[here], samples.values[here]
    before = values[here].copy()
    taken = _differs(original, before)
    for _ in range(_TRIES):
        after = injection(times, before, errors, rng, strength, unit)
        if not (_differs(before, after) & taken).any():
            break
    else:
        after = before
    values[here] = after
    relative = np.nan_to_num((after - before) / noise_of(original, errors))
    return Change(str(samples.ids[i]), injection.name, strength, here.start, relative, times)


def _differs(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.asarray((before != after) & np.isfinite(before))


def _known(kinds: Sequence[str]) -> list[Injection]:
    """The kinds in the order of their names: the order of the request must not change the draw."""
    unknown = sorted(set(kinds) - set(injections.INJECTIONS))
    if unknown:
        raise ValueError(
            f"unknown injection {', '.join(unknown)} (known: {', '.join(injections.INJECTIONS)})"
        )
    return [injections.INJECTIONS[name] for name in sorted(set(kinds) or injections.INJECTIONS)]
