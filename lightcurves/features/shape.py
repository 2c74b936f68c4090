"""What form their distribution has. Not defined for a constant."""

import numpy as np

from .base import Curve, Feature, weighted_mean


class Skew(Feature):
    name = "skew"
    summary = "skewness without bias, G₁: positive with a tail to high values"
    least = 3
    needs_variation = True

    @staticmethod
    def compute(curve: Curve) -> float:
        n, centred = len(curve.value), curve.value - curve.value.mean()
        biased = (centred**3).mean() / (centred**2).mean() ** 1.5
        return float(biased * np.sqrt(n * (n - 1)) / (n - 2))


class Kurtosis(Feature):
    name = "kurtosis"
    summary = "excess kurtosis without bias, G₂: 0 for Gaussian noise, −1.5 for a sine"
    least = 4
    needs_variation = True

    @staticmethod
    def compute(curve: Curve) -> float:
        n, centred = len(curve.value), curve.value - curve.value.mean()
        biased = (centred**4).mean() / (centred**2).mean() ** 2 - 3
        return float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * biased + 6))


class StetsonK(Feature):
    """Stetson 1996, PASP 108, 851."""

    name = "stetson_k"
    summary = "robust kurtosis of residuals over their errors: √(2/π) for Gaussian noise, √8/π for a sine"
    least = 2
    needs_variation = True
    needs_errors = True

    @staticmethod
    def compute(curve: Curve) -> float:
        residual = (curve.value - weighted_mean(curve)) / curve.error
        return float(np.abs(residual).mean() / np.sqrt((residual**2).mean()))
