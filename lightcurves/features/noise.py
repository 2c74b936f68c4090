"""Whether the errors explain the scatter."""

from .base import Curve, Feature, weighted_mean


class ReducedChi2(Feature):
    name = "reduced_chi2"
    summary = "χ² of a constant per degree of freedom: 1 where the errors explain the scatter"
    least = 2
    needs_errors = True

    @staticmethod
    def compute(curve: Curve) -> float:
        residual = (curve.value - weighted_mean(curve)) / curve.error
        return float((residual**2).sum() / (len(residual) - 1))
