"""Area under the precision-recall curve, without interpolation."""

import numpy as np

from detections.metrics.base import Metric
from detections.metrics.ranking import Curve


def average_precision(curve: Curve) -> np.ndarray:
    """Precision averaged over the recall that each threshold adds: Σ (Rₙ − Rₙ₋₁) Pₙ over distinct scores.

    The definition of scikit-learn and of Zhu, "Recall, precision and average precision" (2004). Rows with
    equal scores enter together, so a constant detector gets exactly the prevalence.
    """
    selected = curve.tp + curve.fp
    precision = curve.tp / np.where(selected > 0, selected, 1)
    with np.errstate(invalid="ignore"):
        return np.asarray((curve.positives * precision).sum(axis=0) / curve.n_positives)


def _prevalence(truth: np.ndarray) -> float:
    """The prevalence. The mean over random orders is higher by about ln(n)/n for n rows (Bestgen 2015)."""
    return float(truth.mean())


AVERAGE_PRECISION = Metric("average_precision", "Average precision", average_precision, _prevalence)
