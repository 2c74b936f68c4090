"""Turn each kind of samples into a matrix, one row per score, for detectors that know only matrices.

=============  ===============================================================================================
Table          its columns
histograms     the share of each bin, flow bins included, as its deviation from the training's mean share in
               units of its expected sigma (counting statistics and training spread), so that histograms of
               10² and of 10⁵ entries are comparable; very fine ones are merged to about 1,024 cells
Series         the last ``window`` values up to each step, as deviations from the running level in units of
               the running scatter, and the time gap: causal, nothing after the step enters
=============  ===============================================================================================

Rows that cannot be scored (``scorable``) are left out by the caller.
"""

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np

from project.notes import Notes
from project.samples import HistogramSequence, Samples, Series, Table

from .reference import blocks, reference_of
from .running import running_level, typical_gap

MAX_CELLS = 1024


class Adapter(ABC):
    """Learns on training samples how to write any samples as a matrix."""

    columns: list[dict[str, Any]]
    """What each column is, in the words of a detection's reasons."""
    notes: Notes
    """Those of the samples it was fitted on."""

    @abstractmethod
    def fit(self, samples: Any, usable: np.ndarray) -> Self:
        """Learn from the scores of ``samples`` in the mask ``usable``."""

    @abstractmethod
    def matrix(self, samples: Any, wanted: np.ndarray) -> np.ndarray:
        """Float64 (wanted.sum(), columns), for the scores in the mask ``wanted``."""


class TableColumns(Adapter):
    """A table is a matrix already."""

    def fit(self, samples: Table, usable: np.ndarray) -> Self:
        self.columns = [{"column": name} for name in samples.columns]
        return self

    def matrix(self, samples: Table, wanted: np.ndarray) -> np.ndarray:
        return np.asarray(samples.X[wanted], dtype=float)


class HistogramPulls(Adapter):
    """The pull of every bin against the reference of the training histograms."""

    def fit(self, samples: HistogramSequence, usable: np.ndarray) -> Self:
        self.starts = merged_starts(samples.shape)
        counts = self._merged(samples, usable)
        self.reference = reference_of(samples, counts)
        cells = np.ravel_multi_index(np.ix_(*self.starts), samples.shape).ravel()
        self.columns = [{"bin": int(cell)} for cell in cells]
        return self

    def matrix(self, samples: HistogramSequence, wanted: np.ndarray) -> np.ndarray:
        counts = self._merged(samples, wanted)
        pulls = np.empty(counts.shape)
        for rows, block in blocks(counts):
            pulls[rows] = self.reference.pulls(block)
        return pulls

    def _merged(self, samples: HistogramSequence, wanted: np.ndarray) -> np.ndarray:
        counts = samples.counts if wanted.all() else samples.counts[wanted]
        if tuple(map(len, self.starts)) == samples.shape:
            return counts
        *rows, columns = (
            np.add.reduceat(np.eye(size), starts)
            for size, starts in zip(samples.shape, self.starts, strict=True)
        )
        # Sums as products with zeros and ones: twice as fast as adding block by block, and as exact for counts.
        merged = counts.reshape(len(counts), -1, samples.shape[-1]).astype(float) @ columns.T
        return np.asarray(rows[0] @ merged if rows else merged).reshape(len(counts), -1)


class SeriesWindows(Adapter):
    """Each time step as a window that ends with it, on the scale of its own series."""

    def __init__(self, window: int) -> None:
        self.window = window

    def fit(self, samples: Series, usable: np.ndarray) -> Self:
        self.columns = [{"steps_back": lag} for lag in range(self.window)] + [{"column": "gap"}]
        return self

    def matrix(self, samples: Series, wanted: np.ndarray) -> np.ndarray:
        level, scatter = (values[wanted] for values in running_level(samples))
        steps = np.flatnonzero(wanted)
        first = np.repeat(samples.offsets[:-1], samples.lengths)[wanted]
        X = np.zeros((len(steps), self.window + 1))
        for lag in range(self.window):
            values = samples.values[np.maximum(steps - lag, 0)]
            known = (steps - lag >= first) & np.isfinite(values)
            # arcsinh: linear up to a sigma, logarithmic beyond: no single outlier sets the scale of a fit.
            X[known, lag] = np.arcsinh((values[known] - level[known]) / scatter[known])
        X[:, -1] = _log_gap(*(values[wanted] for values in typical_gap(samples)))
        return X


def fitted(samples: Samples, usable: np.ndarray, window: int) -> Adapter:
    """The adapter that learned from the scores in the mask ``usable``, which is all of ``samples`` that can be."""

    def fit() -> Adapter:
        adapter: Adapter = adapter_for(samples, window).fit(samples, usable)
        adapter.notes = samples.notes
        return adapter

    return samples.notes.once(("adapter", window), fit)


def adapter_for(samples: Samples, window: int) -> Adapter:
    """The adapter, not yet fitted, that turns ``samples`` into a matrix."""
    if isinstance(samples, Series):
        return SeriesWindows(window)
    return HistogramPulls() if isinstance(samples, HistogramSequence) else TableColumns()


def width(samples: Samples, window: int) -> int:
    """Number of columns of the matrix that ``samples`` become."""
    if isinstance(samples, HistogramSequence):
        return int(np.prod([len(starts) for starts in merged_starts(samples.shape)]))
    return len(samples.columns) if isinstance(samples, Table) else window + 1


def merged_starts(shape: tuple[int, ...]) -> list[np.ndarray]:
    """First cell of each merged block along every axis; under- and overflow stay by themselves."""
    if np.prod(shape) <= MAX_CELLS:
        return [np.arange(size) for size in shape]
    most = int(MAX_CELLS ** (1 / len(shape))) - 2
    return [_axis_starts(size, min(most, size - 2)) for size in shape]


def _axis_starts(size: int, blocks_inside: int) -> np.ndarray:
    inside = np.linspace(1, size - 1, blocks_inside, endpoint=False).astype(int)
    return np.concatenate([[0], inside, [size - 1]])


def _log_gap(gap: np.ndarray, typical: np.ndarray) -> np.ndarray:
    """log(1 + gap ÷ typical gap); as if typical where there is nothing to compare with."""
    ratio = np.ones(len(gap))
    known = np.isfinite(gap) & (typical > 0)
    ratio[known] = np.maximum(gap[known], 0) / typical[known]
    return np.log1p(ratio)
