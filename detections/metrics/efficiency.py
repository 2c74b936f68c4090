"""The efficiency at a fixed rate of false alarms: what a shift crew lives with."""

import numpy as np

from detections.metrics.base import Metric
from detections.metrics.ranking import Curve, MetricError


def threshold(curve: Curve, far: float) -> tuple[np.ndarray, np.ndarray]:
    """Where ``far`` of the negatives are above: number of blocks wholly above, and the share of the next
    block.

    Both (resamples,). Cutting inside a block means picking its tied rows at random.
    """
    if not 0 < far < 1:
        raise MetricError(f"far must be between 0 and 1, not {far}")
    allowed = far * curve.n_negatives
    # 0.29 × 100 is 28.999999999999996: the 29th false alarm would be lost
    near = np.abs(allowed - np.rint(allowed)) < 1e-9 * np.maximum(allowed, 1)
    allowed = np.where(near, np.rint(allowed), allowed)
    whole = np.minimum((curve.fp <= allowed).sum(axis=0), len(curve.fp) - 1)
    column = np.arange(len(allowed))
    in_next = curve.negatives[whole, column]
    left = allowed - (curve.fp[whole, column] - in_next)
    return whole, left / np.where(in_next > 0, in_next, 1)


def efficiency_at_far(curve: Curve, far: float) -> np.ndarray:
    """Share of positives above the threshold that lets a share ``far`` of the negatives through.

    The true positive rate at a fixed false positive rate, read off the ROC curve (Fawcett, Pattern
    Recognition Letters 27 (2006) 861); straight through ties, so a constant detector gets exactly ``far``.
    NaN without negatives.
    """
    whole, share = threshold(curve, far)
    column = np.arange(len(whole))
    in_next = curve.positives[whole, column]
    found = curve.tp[whole, column] - in_next + share * in_next
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(curve.n_negatives > 0, found / curve.n_positives, np.nan)


def _far(truth: np.ndarray, far: float) -> float:
    return far


EFFICIENCY_AT_FAR = Metric(
    "efficiency_at_far", "Efficiency at fixed false-alarm rate", efficiency_at_far, _far, {"far": 0.01}
)
