"""Points of the ROC and of the precision-recall curve, thinned for drawing."""

import numpy as np

from detections.comparison.results import jsonable
from detections.metrics import Curve, MetricError, Ranking, Scores

POINTS = 300


def curves(truth: np.ndarray, scores: Scores, points: int = POINTS) -> dict[str, dict[str, list[float]]]:
    """``{"roc": {"far", "efficiency"}, "pr": {"recall", "precision"}}``, each at most ``points`` long, exact
    at the ends.

    Points stand where the true curve has corners, dense at its start: join those of ``roc`` by straight
    lines, hold those of ``pr`` as steps (the precision of a recall is reached only there).
    """
    curve = Ranking.of(truth, scores).curve()
    if not curve.n_positives[0] or not curve.n_negatives[0]:
        raise MetricError("a curve needs positives and negatives")
    kept = _thinned(curve, points)
    tp, fp = curve.tp[kept, 0], curve.fp[kept, 0]
    roc = {"far": np.concatenate([[0.0], fp / fp[-1]]), "efficiency": np.concatenate([[0.0], tp / tp[-1]])}
    pr = {"recall": tp / tp[-1], "precision": tp / (tp + fp)}
    plain: dict[str, dict[str, list[float]]] = jsonable({"roc": roc, "pr": pr})
    return plain


def _thinned(curve: Curve, points: int) -> np.ndarray:
    """At most ``points`` - 1 blocks, first and last among them: half even in rows, half even in their log."""
    selected = (curve.tp + curve.fp)[:, 0]
    if len(selected) < points:
        return np.arange(len(selected))
    half = (points - 1) // 2
    at = np.concatenate(
        [np.geomspace(selected[0], selected[-1], half), np.linspace(selected[0], selected[-1], half)]
    )
    # geomspace can end one rounding error beyond its last point
    return np.unique(np.minimum(np.searchsorted(selected, at), len(selected) - 1))
