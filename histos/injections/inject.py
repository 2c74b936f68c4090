"""Put anomalies of known kind and strength into a frozen set of histograms, and say what really changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from histos import injections
from histos.injections.base import Injection
from histos.injections.significance import LIKELIHOOD, LINEAR, MEASURABLE, MeanShape
from project.draws import log_uniform, rng_for, uniform_for
from project.samples import SCORE, HistogramSequence


@dataclass(frozen=True)
class Injected:
    """``samples`` are a changed copy; the rest has one value per histogram.

    ``truth`` marks what changed measurably (``sigma`` ≥ MEASURABLE); ``kind`` is ``""`` where nothing was
    injected; ``strength`` in the kind's own measure and ``sigma``, strength ÷ sampling noise, are 0 there;
    ``changed`` counts the cells that differ, ``first`` and ``last`` are the first and last of them (-1:
    none).
    """

    samples: HistogramSequence
    truth: np.ndarray
    kind: np.ndarray
    strength: np.ndarray
    sigma: np.ndarray
    changed: np.ndarray
    first: np.ndarray
    last: np.ndarray


def inject(
    samples: HistogramSequence,
    kinds: Sequence[str] = (),
    fraction: float = 0.1,
    strength: tuple[float, float] | None = None,
    seed: int = 0,
    measure: str = LIKELIHOOD,
) -> Injected:
    """Inject one of ``kinds`` (all, when none is named) into a ``fraction`` of the rows that are to be
    scored.

    ``strength`` is the range to draw from, even in the logarithm; each kind's own when None. Which row is
    chosen and what it gets depends on the seed, the element and the row's id alone, never on the other rows.
    ``measure`` is LIKELIHOOD or LINEAR: what ``sigma`` is, see there.
    """
    if measure not in (LIKELIHOOD, LINEAR):
        raise ValueError(f"the measure is {LIKELIHOOD} or {LINEAR}, not {measure!r}")
    drawn = _drawn(samples, kinds, fraction, strength, seed)
    mean_shape = MeanShape(samples.counts, samples.shape)
    sigma = [
        mean_shape.sigma(one.injection, _place(samples, row, seed), one.amount, before.sum(), measure)
        for row, before, one in zip(drawn.rows, drawn.before, drawn.what, strict=True)
    ]
    return _injected(samples, drawn, np.array(sigma, dtype=float))


def changed_counts(
    samples: HistogramSequence,
    kinds: Sequence[str],
    fraction: float,
    strength: tuple[float, float] | None,
    seed: int,
) -> np.ndarray:
    """The counts (n, cells) as :func:`inject` changes them: what a page draws, without measuring the change."""
    return _counts_with(samples, _drawn(samples, kinds, fraction, strength, seed))


class _What(NamedTuple):
    injection: Injection
    amount: float


class _Drawn(NamedTuple):
    """The rows that were chosen, their counts ``before`` and ``after`` (rows, cells), and what was done to each."""

    rows: np.ndarray
    before: np.ndarray
    after: np.ndarray
    what: list[_What]


def _drawn(
    samples: HistogramSequence,
    kinds: Sequence[str],
    fraction: float,
    strength: tuple[float, float] | None,
    seed: int,
) -> _Drawn:
    known = _known(kinds)
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must be between 0 and 1, not {fraction}")
    may = np.flatnonzero(samples.roles & SCORE)
    rows = may[uniform_for(seed, samples.element, samples.ids[may]) < fraction]
    before = np.asarray(samples.counts[rows], dtype=float)
    after, what = before.copy(), []
    for i, row in enumerate(rows):
        rng = rng_for(seed, samples.element, str(samples.ids[row]))
        injection = known[rng.integers(len(known))]
        amount = log_uniform(rng, strength or injection.strength_range)
        after[i] = injection(before[i : i + 1], samples.shape, _place(samples, row, seed), amount)[0]
        what.append(_What(injection, amount))
    return _Drawn(rows, before, after, what)


def _place(samples: HistogramSequence, row: int, seed: int) -> np.random.Generator:
    """What decides where in the histogram of a row it goes wrong."""
    return rng_for(seed, samples.element, str(samples.ids[row]), "place")


def _known(kinds: Sequence[str]) -> list[Injection]:
    """The kinds in the order of their names: the order of the request must not change the draw."""
    unknown = sorted(set(kinds) - set(injections.INJECTIONS))
    if unknown:
        raise ValueError(
            f"unknown injection {', '.join(unknown)} (known: {', '.join(injections.INJECTIONS)})"
        )
    return [injections.INJECTIONS[name] for name in sorted(set(kinds) or injections.INJECTIONS)]


def _injected(samples: HistogramSequence, drawn: _Drawn, sigma: np.ndarray) -> Injected:
    n, rows = len(samples), drawn.rows
    differs = drawn.before != drawn.after
    kind = np.array([one.injection.name for one in drawn.what], dtype="U32")
    strength = np.array([one.amount for one in drawn.what], dtype=float)
    some = differs.any(axis=1)
    last = differs.shape[1] - 1 - differs[:, ::-1].argmax(axis=1)
    return Injected(
        samples=_with(samples, drawn),
        truth=_spread(n, rows, some & (sigma >= MEASURABLE), False),
        kind=_spread(n, rows, kind, ""),
        strength=_spread(n, rows, strength, 0.0),
        sigma=_spread(n, rows, sigma, 0.0),
        changed=_spread(n, rows, differs.sum(axis=1), 0),
        first=_spread(n, rows, np.where(some, differs.argmax(axis=1), -1), -1),
        last=_spread(n, rows, np.where(some, last, -1), -1),
    )


def _with(samples: HistogramSequence, drawn: _Drawn) -> HistogramSequence:
    """The samples with what was drawn. Entries follow the sum of counts as they did before."""
    rows, before, after = drawn[:3]
    entries = np.array(samples.entries, dtype=float)
    was, is_ = before.sum(axis=1), after.sum(axis=1)
    ratio = is_ / np.where(was > 0, was, 1)
    entries[rows] = np.where(
        entries[rows] == was, is_, np.where(was > 0, entries[rows] * ratio, entries[rows])
    )
    return replace(samples, counts=_counts_with(samples, drawn), entries=entries)


def _counts_with(samples: HistogramSequence, drawn: _Drawn) -> np.ndarray:
    whole = np.issubdtype(samples.counts.dtype, np.integer)
    changed = samples.counts.astype(np.int64 if whole else samples.counts.dtype)
    changed[drawn.rows] = drawn.after
    return changed


def _spread(n: int, rows: np.ndarray, values: np.ndarray, nothing: bool | int | float | str) -> np.ndarray:
    everywhere = np.full(n, nothing, dtype=values.dtype)
    everywhere[rows] = values
    return everywhere
