"""What a feature is: one number out of times, values and errors. No Django."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """The steps of a series with a finite time and value, sorted by time; ``error`` is NaN where unknown."""

    time: Floats
    value: Floats
    error: Floats

    def with_errors(self) -> "Curve":
        """Only the steps whose error is known."""
        known = np.isfinite(self.error) & (self.error > 0)
        return self if known.all() else Curve(self.time[known], self.value[known], self.error[known])


class Feature:
    """One number of a series, NaN where it is not defined.

    ``unit`` is ``value`` (the unit of the values), ``value/day``, ``count`` or "" (a pure number).
    ``least`` is how many steps it needs; ``needs_errors`` leaves out the steps without one;
    ``needs_variation``: not defined for a constant, where rounding would decide.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    unit: ClassVar[str] = ""
    least: ClassVar[int] = 1
    needs_errors: ClassVar[bool] = False
    needs_variation: ClassVar[bool] = False

    @staticmethod
    def compute(curve: Curve) -> float:
        raise NotImplementedError

    @classmethod
    def of(cls, curve: Curve) -> float:
        """The number for a curve, NaN where there are too few steps, or where it is no finite number."""
        if cls.needs_errors:
            curve = curve.with_errors()
        if len(curve.value) < cls.least or (cls.needs_variation and curve.value.min() == curve.value.max()):
            return float("nan")
        with np.errstate(all="ignore"):  # what divides by zero or overflows is NaN
            number = float(cls.compute(curve))
        return number if np.isfinite(number) else float("nan")


def weighted_mean(curve: Curve) -> float:
    """Mean with inverse variances as weights, in the unit of the values."""
    weight = 1.0 / curve.error**2
    return float((weight * curve.value).sum() / weight.sum())
