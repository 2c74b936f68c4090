"""How many, and where they lie."""

import numpy as np

from .base import Curve, Feature, weighted_mean


class Count(Feature):
    name = "n"
    summary = "number of steps with a finite time and value"
    unit = "count"
    least = 0

    @staticmethod
    def compute(curve: Curve) -> float:
        return len(curve.value)


class Mean(Feature):
    name = "mean"
    summary = "arithmetic mean"
    unit = "value"

    @staticmethod
    def compute(curve: Curve) -> float:
        return float(curve.value.mean())


class WeightedMean(Feature):
    name = "weighted_mean"
    summary = "mean weighted by 1/error²"
    unit = "value"
    needs_errors = True

    @staticmethod
    def compute(curve: Curve) -> float:
        return weighted_mean(curve)


class Median(Feature):
    name = "median"
    summary = "the value with as many above as below"
    unit = "value"

    @staticmethod
    def compute(curve: Curve) -> float:
        return float(np.median(curve.value))
