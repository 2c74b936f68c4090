"""Every metric this site knows. To add one: write its file, import it here, add it to the dict. No Django."""

from detections.metrics.average_precision import AVERAGE_PRECISION
from detections.metrics.base import Metric
from detections.metrics.efficiency import EFFICIENCY_AT_FAR
from detections.metrics.ordered import Ordered
from detections.metrics.ranking import Curve, MetricError, Ranking, Scores
from detections.metrics.roc_auc import ROC_AUC
from detections.metrics.top_k import PRECISION_AT_K, RECALL_AT_K

METRICS: dict[str, Metric] = {
    "average_precision": AVERAGE_PRECISION,
    "roc_auc": ROC_AUC,
    "precision_at_k": PRECISION_AT_K,
    "recall_at_k": RECALL_AT_K,
    "efficiency_at_far": EFFICIENCY_AT_FAR,
}

__all__ = ["METRICS", "Curve", "Metric", "MetricError", "Ordered", "Ranking", "Scores"]
