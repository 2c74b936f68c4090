"""Area under the receiver operating characteristic."""

import numpy as np

from detections.metrics.base import Metric
from detections.metrics.ranking import Curve


def roc_auc(curve: Curve) -> np.ndarray:
    """Probability that a random positive scores above a random negative, ties counting one half.

    Hanley & McNeil, Radiology 143 (1982) 29; equal to the Mann-Whitney U divided by its maximum. Says little
    about rare anomalies: with one in 20,000 a value of 0.99 can still mean a list of false alarms.
    """
    above = curve.tp - curve.positives / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((curve.negatives * above).sum(axis=0) / (curve.n_positives * curve.n_negatives))


def _half(truth: np.ndarray) -> float:
    return 0.5


ROC_AUC = Metric("roc_auc", "ROC AUC", roc_auc, _half)
