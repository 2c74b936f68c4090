"""How far they scatter."""

import numpy as np

from .base import Curve, Feature


class StandardDeviation(Feature):
    name = "std"
    summary = "standard deviation of the sample (n − 1)"
    unit = "value"
    least = 2

    @staticmethod
    def compute(curve: Curve) -> float:
        return float(curve.value.std(ddof=1))


class MedianAbsoluteDeviation(Feature):
    name = "mad"
    summary = "median distance from the median; 0.6745 σ for Gaussian noise"
    unit = "value"

    @staticmethod
    def compute(curve: Curve) -> float:
        return float(np.median(np.abs(curve.value - np.median(curve.value))))


class Amplitude(Feature):
    name = "amplitude"
    summary = "half of the range from lowest to highest"
    unit = "value"

    @staticmethod
    def compute(curve: Curve) -> float:
        return float(np.ptp(curve.value)) / 2


class InterPercentileRange(Feature):
    name = "inter_percentile_range"
    summary = "from the 10th to the 90th percentile; 2.563 σ for Gaussian noise"
    unit = "value"
    least = 2

    @staticmethod
    def compute(curve: Curve) -> float:
        low, high = np.percentile(curve.value, [10, 90])
        return float(high - low)


class BeyondOneStd(Feature):
    name = "beyond_1_std"
    summary = "fraction farther than one standard deviation from the mean; 0.317 for Gaussian noise"
    least = 2
    needs_variation = True

    @staticmethod
    def compute(curve: Curve) -> float:
        distance = np.abs(curve.value - curve.value.mean())
        return float((distance > curve.value.std(ddof=1)).mean())
