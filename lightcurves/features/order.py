"""What depends on the order in time."""

import numpy as np

from .base import Curve, Feature


class VonNeumannEta(Feature):
    """von Neumann 1941, Ann. Math. Stat. 12, 367."""

    name = "eta"
    summary = "mean squared step over the variance: 2 for white noise, near 0 for a smooth curve"
    least = 2
    needs_variation = True

    @staticmethod
    def compute(curve: Curve) -> float:
        return float((np.diff(curve.value) ** 2).mean() / curve.value.var(ddof=1))


class MaxSlope(Feature):
    name = "max_slope"
    summary = "steepest change between neighbours, up or down; steps at the same time do not count"
    unit = "value/day"
    least = 2

    @staticmethod
    def compute(curve: Curve) -> float:
        step = np.diff(curve.time)
        slopes = np.abs(np.diff(curve.value)[step > 0] / step[step > 0])
        return float(slopes.max()) if len(slopes) else float("nan")
