"""Columns on one scale, by statistics that outliers do not move."""

from typing import NamedTuple

import numpy as np

MAD_TO_SIGMA = 1.4826


class ColumnScale(NamedTuple):
    """``centers`` and ``scales`` of the columns of a matrix."""

    centers: np.ndarray
    scales: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray) -> "ColumnScale":
        """Median and 1.4826 · MAD of each column; standard deviation where more than half is one value."""
        centers = np.median(X, axis=0)
        scales = MAD_TO_SIGMA * np.median(np.abs(X - centers), axis=0)
        scales = np.where(scales > 0, scales, X.std(axis=0))
        # Rounding leaves a constant column a spread of some 1e-17; dividing by that would make noise of it.
        constant = scales <= 1e-12 * np.maximum(np.abs(centers), np.finfo(float).tiny)
        return cls(centers, np.where(constant, 1.0, scales))

    def transform(self, X: np.ndarray) -> np.ndarray:
        """``X`` in units of the scales, from the centers."""
        return np.asarray((X - self.centers) / self.scales)
