"""What a metric is: a formula on a Curve, its chance level, its name and parameters. NumPy only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detections.metrics.ranking import Curve, MetricError, Ranking


@dataclass(frozen=True)
class Metric:
    """``METRICS[name](truth, scores, weights)`` is a float; ``weights`` are multiplicities of a resample.

    ``formula(curve, **parameters)`` gives one value per resample, NaN where it is not defined;
    ``chance_level`` is the value of a ranking without information. A formula must not change when a block of
    negatives is split in two.
    """

    name: str
    label: str
    formula: Callable[..., np.ndarray]
    chance_level: Callable[..., float]
    parameters: Mapping[str, float] = field(default_factory=dict)
    bigger_is_better: bool = True

    @property
    def summary(self) -> str:
        """First line of the formula's docstring."""
        return (self.formula.__doc__ or self.label).strip().splitlines()[0]

    def __call__(
        self, truth: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None, **parameters: float
    ) -> float:
        ranking = Ranking.of(truth, scores)
        if weights is not None:
            weights = _checked_weights(weights, len(ranking.truth))
        value = float(self.of_curve(ranking.curve(weights), **parameters)[0])
        if np.isnan(value):
            raise MetricError(f"{self.name} is not defined: {_reason(ranking.truth, weights)}")
        return value

    def of_curve(self, curve: Curve, **parameters: float) -> np.ndarray:
        """One value per resample; NaN where a resample has no positives."""
        values = self.formula(curve, **self.given(parameters))
        return np.where(curve.n_positives > 0, values, np.nan)

    def chance(self, truth: np.ndarray, **parameters: float) -> float:
        """The value to expect from scores that know nothing."""
        truth = np.asarray(truth, dtype=bool)
        if not truth.any():
            raise MetricError(f"{self.name} is not defined: no positives")
        return float(self.chance_level(truth, **self.given(parameters)))

    def given(self, parameters: Mapping[str, float]) -> dict[str, Any]:
        """The defaults with ``parameters`` in their place."""
        unknown = set(parameters) - set(self.parameters)
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise MetricError(f"{self.name}: no parameter {', '.join(sorted(unknown))} (known: {known})")
        return {**self.parameters, **parameters}


def _checked_weights(weights: np.ndarray, n: int) -> np.ndarray:
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (n,):
        raise MetricError(f"weights are {weights.shape}, expected ({n},)")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise MetricError("weights must be finite and not negative")
    return weights


def _reason(truth: np.ndarray, weights: np.ndarray | None) -> str:
    counted = truth if weights is None else truth[weights > 0]
    return "no positives" if not counted.any() else "no negatives"
