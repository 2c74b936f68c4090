"""Moments of histograms along their axis, with the errors that counting gives them. NumPy only, no Django."""

from typing import NamedTuple

import numpy as np

NAMES = ("mean", "rms", "skewness", "kurtosis")
LEAST = {"mean": 1, "rms": 2, "skewness": 3, "kurtosis": 4}
"""Entries below which a moment says nothing."""


class Moment(NamedTuple):
    """``values`` (n,) and their ``errors`` (n,), one standard deviation; NaN where entries are too few."""

    values: np.ndarray
    errors: np.ndarray


def moments(counts: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean position of the entries (n,) in the axis' unit, and its error; flow bins, which have no place, left out."""
    return moment("mean", counts, edges)


def positions(counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The same without its error, (n,), at a third of the cost."""
    inside, n = _entries(counts, LEAST["mean"])
    return np.asarray(inside @ ((edges[1:] + edges[:-1]) / 2) / n)


def _entries(counts: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """What lies inside the axis, (n, bins), and how much that is, (n,); NaN below ``least``."""
    inside = np.clip(counts[:, 1:-1], 0, None)
    total = inside.sum(axis=1)
    return inside, np.where(total >= least, total, np.nan)


def moment(name: str, counts: np.ndarray, edges: np.ndarray) -> Moment:
    """One of NAMES of every histogram: ``counts`` (n, bins + 2) over ``edges`` (bins + 1,), flow bins left out.

    ``mean`` and ``rms`` (about the mean) are in the axis' unit, ``skewness`` and ``kurtosis`` (0 for a normal
    distribution) have none. Errors: of the mean rms/√n; of the rms √((m₄ − m₂²)/(4 n m₂)), from the central moments
    themselves; of the others √(6/n) and √(24/n), which hold near a normal distribution.
    """
    inside, n = _entries(counts, LEAST[name])
    mean, central = _central(inside, (edges[1:] + edges[:-1]) / 2, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        second, third, fourth = central
        if name == "mean":
            return Moment(mean, np.sqrt(second / n))
        if name == "rms":
            return Moment(np.sqrt(second), np.sqrt(np.clip(fourth - second**2, 0, None) / (4 * n * second)))
        if name == "skewness":
            return _shape(third / second**1.5, second, 6 / n)
        return _shape(fourth / second**2 - 3, second, 24 / n)


def _central(inside: np.ndarray, centres: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Mean (n,) and second, third and fourth central moment, each (n,), by way of a middle common to all.

    About that middle: powers of a large position would swallow a small width.
    """
    first = inside @ centres / n
    middle = np.nanmean(first) if np.isfinite(first).any() else 0.0
    raw = [inside @ (centres - middle) ** power / n for power in (1, 2, 3, 4)]
    shift, second = raw[0], np.maximum(raw[1] - raw[0] ** 2, 0)
    third = raw[2] - 3 * shift * raw[1] + 2 * shift**3
    fourth = raw[3] - 4 * shift * raw[2] + 6 * shift**2 * raw[1] - 3 * shift**4
    return first, [second, third, np.maximum(fourth, 0)]


def _shape(values: np.ndarray, second: np.ndarray, variance: np.ndarray) -> Moment:
    """A number of a distribution's shape; one without any width has no shape."""
    known = second > 0
    return Moment(np.where(known, values, np.nan), np.where(known, np.sqrt(variance), np.nan))
