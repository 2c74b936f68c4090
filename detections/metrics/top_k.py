"""What a person finds who looks at the k most anomalous rows."""

import numpy as np

from detections.metrics.base import Metric
from detections.metrics.ranking import Curve, MetricError


def precision_at_k(curve: Curve, k: float) -> np.ndarray:
    """Share of positives among the k highest scores (among all rows when there are fewer than k).

    Where a tie straddles place k the value is the mean over all orders of the tied rows. Manning, Raghavan &
    Schütze, "Introduction to Information Retrieval" (2008), section 8.4.
    """
    looked_at = np.minimum(k, curve.n_positives + curve.n_negatives)
    return np.asarray(_found(curve, k) / np.maximum(looked_at, 1))


def recall_at_k(curve: Curve, k: float) -> np.ndarray:
    """Share of all positives that are among the k highest scores; ties as in precision_at_k."""
    with np.errstate(invalid="ignore"):
        return np.asarray(_found(curve, k) / curve.n_positives)


def _found(curve: Curve, k: float) -> np.ndarray:
    """Positives among the first k rows: whole blocks, and of the block that straddles k its share."""
    if k < 1 or k != int(k):
        raise MetricError(f"k must be a whole number of at least 1, not {k}")
    size = curve.positives + curve.negatives
    before = curve.tp + curve.fp - size
    share = np.clip((k - before) / np.where(size > 0, size, 1), 0, 1)
    return np.asarray((share * curve.positives).sum(axis=0))


def _prevalence(truth: np.ndarray, k: float) -> float:
    return float(truth.mean())


def _looked_at(truth: np.ndarray, k: float) -> float:
    return min(k, len(truth)) / len(truth)


PRECISION_AT_K = Metric("precision_at_k", "Precision at k", precision_at_k, _prevalence, {"k": 100})
RECALL_AT_K = Metric("recall_at_k", "Recall at k", recall_at_k, _looked_at, {"k": 100})
