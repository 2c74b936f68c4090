"""Small made samples of every kind, good ones and such with planted outliers, for the checks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from project.samples import HistogramSequence, Samples, Series, Table, Together, score_index
from project.together import together

BINS = 20
STEPS = 60


class Planted(NamedTuple):
    """Samples, and for each of their scores whether something strange was put there."""

    samples: Samples
    strange: np.ndarray


def good(kind: str, seed: int = 1, prefix: str = "a", n: int = 120) -> Samples:
    """``n`` good samples (a fourth of it for series)."""
    return MAKERS[kind](np.random.default_rng(seed), prefix, n)


def planted(kind: str, seed: int = 2) -> Planted:
    """Samples of which every tenth (in a series: some steps near its end) is far from all good ones."""
    samples: Any = good(kind, seed, prefix="b")
    strange = np.zeros(samples.n_scores, bool)
    if kind == "series":
        strange[samples.offsets[1:] - 8] = True
        values = samples.values.copy()
        values[strange] += 25
        return Planted(replace(samples, values=values), strange)
    strange[::10] = True
    if kind == "table":
        X = samples.X.copy()
        X[strange] += np.array([15.0, -12.0, 10.0, 9.0])
        return Planted(replace(samples, X=X), strange)
    if kind == "together":
        first = samples.elements[0]
        wrong = np.where(strange[:, None], first.counts[:, ::-1], first.counts)
        return Planted(
            replace(samples, elements=(replace(first, counts=wrong), *samples.elements[1:])), strange
        )
    counts = samples.counts.copy()
    counts[strange] = counts[strange][:, ::-1]
    return Planted(replace(samples, counts=counts), strange)


def with_unscorable(samples: Any) -> tuple[Samples, np.ndarray]:
    """A copy in which two samples lack what a score needs, and the mask of the scores that are then NaN."""
    rows = np.array([3, 7])
    lost = np.zeros(samples.n_scores, bool)
    lost[rows if samples.kind != "series" else score_index(samples, rows)] = True
    if samples.kind == "table":
        X = samples.X.copy()
        X[rows, 1] = np.nan
        return replace(samples, X=X), lost
    if samples.kind == "together":
        return replace(samples, rows=np.where(lost, -1, samples.rows)), lost
    if samples.kind == "series":
        return replace(samples, values=np.where(lost, np.nan, samples.values)), lost
    return replace(samples, counts=np.where(lost[:, None], 0, samples.counts)), lost


def with_constant(samples: Any) -> Samples:
    """A copy in which one column, one bin or one whole series never varies."""
    change: dict[str, np.ndarray]
    if samples.kind == "table":
        change = {"X": np.column_stack([np.full(len(samples), 3.7), samples.X[:, 1:]])}
    elif samples.kind == "together":
        return replace(samples, elements=tuple(with_constant(one) for one in samples.elements))
    elif samples.kind == "series":
        change = {"values": samples.values.copy()}
        change["values"][score_index(samples, np.array([0]))] = 3.7
    else:
        change = {"counts": samples.counts.copy()}
        change["counts"][:, BINS // 2] = 0
    constant: Samples = replace(samples, **change)
    return constant


def _names(prefix: str, n: int) -> dict[str, Any]:
    return {"ids": np.array([f"{prefix}{row}" for row in range(n)]), "groups": np.arange(n).astype(str)}


def _table(rng: np.random.Generator, prefix: str, n: int) -> Table:
    X = rng.normal(size=(n, 4)) @ np.diag([1.0, 3.0, 0.1, 1.0]) + np.array([0.0, 5.0, -1.0, 100.0])
    return Table(X=X, columns=("color", "period", "slope", "mag"), **_names(prefix, n))


def _histograms(rng: np.random.Generator, prefix: str, n: int) -> HistogramSequence:
    """Entries log-uniform from 10² to 10⁵, a falling shape unlike its mirror image, empty flow bins."""
    shape = np.concatenate([[0], np.exp(-np.arange(BINS) / 5), [0]])
    entries = (10 ** rng.uniform(2, 5, n)).astype(int)
    counts = rng.multinomial(entries, shape / shape.sum()).astype(float)
    edges = (np.linspace(0, 1, BINS + 1),)
    times = 58000 + np.arange(n) * 23.3 / 86400
    return HistogramSequence(counts=counts, edges=edges, times=times, entries=entries, **_names(prefix, n))


def _together(rng: np.random.Generator, prefix: str, n: int) -> Together:
    """Two elements of the same lumisections, of which the second lacks a few."""
    first, second = (replace(_histograms(rng, prefix, n), element=name) for name in ("charge", "size"))
    return together([first, second.take(np.arange(n) % 11 > 0)])


def _series(rng: np.random.Generator, prefix: str, n: int) -> Series:
    n //= 4
    total = n * STEPS
    values = rng.normal(size=total) + np.repeat(rng.uniform(-50, 50, n), STEPS)
    times = 58000 + np.cumsum(rng.exponential(1, (n, STEPS)), axis=1).ravel()
    offsets = np.arange(n + 1) * STEPS
    return Series(
        values=values, errors=np.full(total, 0.5), times=times, offsets=offsets, **_names(prefix, n)
    )


MAKERS: dict[str, Callable[[np.random.Generator, str, int], Samples]] = {
    "table": _table,
    "histograms": _histograms,
    "series": _series,
    "together": _together,
}
