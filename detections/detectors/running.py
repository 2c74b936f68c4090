"""The running level of a series and its scatter, from what came before each time step only."""

import numpy as np

from project.samples import Series

from .scaling import MAD_TO_SIGMA
from .scorable import MIN_PAST

TRAILING = 200
"""Time steps that the running level looks back."""
Q90_TO_SIGMA = 1 / 1.645
SMALLEST = 1e-6
"""Scatter of a series that has never moved, relative to its level."""


def running_level(samples: Series, trailing: int = TRAILING) -> tuple[np.ndarray, np.ndarray]:
    """Median of the ``trailing`` values before each step, and the scatter (one sigma) around it.

    NaN at the start. The scatter is never below the step's own error, so that a poorly measured value is not
    strange for its noise.
    """
    return samples.notes.once(("running level", trailing), lambda: _running_level(samples, trailing))


def _running_level(samples: Series, trailing: int) -> tuple[np.ndarray, np.ndarray]:
    before = _Before(samples, trailing)
    level = before.quantile(samples.values, 0.5, at_least=1)
    deviations = np.abs(samples.values - level)
    scatter = MAD_TO_SIGMA * before.quantile(deviations, 0.5, at_least=MIN_PAST - 1)
    wide = Q90_TO_SIGMA * before.quantile(deviations, 0.9, at_least=MIN_PAST - 1)
    return level, _floored(np.where(scatter > 0, scatter, wide), level, samples.errors)


def typical_gap(samples: Series, trailing: int = TRAILING) -> tuple[np.ndarray, np.ndarray]:
    """Time since the step before (days), and the median of the gaps before that one; NaN where none."""
    gaps = np.diff(samples.times, prepend=np.nan)
    gaps[samples.offsets[:-1][samples.lengths > 0]] = np.nan
    return gaps, _Before(samples, trailing).quantile(gaps, 0.5, at_least=1)


def whole_level(samples: Series) -> tuple[np.ndarray, np.ndarray]:
    """Median and scatter of the whole series, for each step: sees the future."""
    level, scatter = np.full((2, len(samples.values)), np.nan)
    for start, stop in zip(samples.offsets[:-1], samples.offsets[1:], strict=True):
        values = samples.values[start:stop]
        finite = values[np.isfinite(values)]
        if len(finite):
            level[start:stop] = middle = np.median(finite)
            scatter[start:stop] = MAD_TO_SIGMA * np.median(np.abs(finite - middle)) or finite.std()
    return level, _floored(scatter, level, samples.errors)


def _floored(scatter: np.ndarray, level: np.ndarray, errors: np.ndarray) -> np.ndarray:
    floor = SMALLEST * np.where(level == 0, 1.0, np.abs(level))
    scatter = np.maximum(scatter, floor)
    return np.where(errors > scatter, errors, scatter)


class _Before:
    """Order statistics of the ``trailing`` values before each step, within its own series.

    Order statistics, not running sums: a sum carries rounding from one series into the next.
    """

    def __init__(self, samples: Series, trailing: int) -> None:
        from pandas.api.indexers import BaseIndexer

        stops = np.arange(len(samples.values), dtype=np.int64)
        first = np.repeat(samples.offsets[:-1], samples.lengths).astype(np.int64)
        bounds = np.maximum(first, stops - trailing), stops

        class Trailing(BaseIndexer):
            def get_window_bounds(
                self,
                num_values: int = 0,
                min_periods: int | None = None,
                center: bool | None = None,
                closed: str | None = None,
                step: int | None = None,
            ) -> tuple[np.ndarray, np.ndarray]:
                return bounds

        self.indexer = Trailing()

    def quantile(self, values: np.ndarray, q: float, at_least: int) -> np.ndarray:
        import pandas as pd

        rolling = pd.Series(values).rolling(self.indexer, min_periods=at_least)
        return np.asarray(rolling.median() if q == 0.5 else rolling.quantile(q), dtype=float)
