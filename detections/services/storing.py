"""Writing the scores of a trial: blocks, summary and detections, all at once or not at all."""

import numpy as np
from django.db import transaction

from detections.models import Detection, ScoreBlock, Trial
from detections.services.flagging import threshold_for

TOP = 1_000
BINS = 60


def summarise(trial: Trial, scores: np.ndarray, alarm_fraction: float) -> np.ndarray:
    """Fill in what a page shows of ``scores`` without reading them; returns the places of the highest, in order."""
    finite = scores[np.isfinite(scores)]
    trial.state, trial.reason, trial.n_scored = Trial.State.DONE, "", len(finite)
    trial.threshold = threshold_for(finite, alarm_fraction)
    order = highest(scores, TOP)
    trial.top = [[int(position), float(scores[position])] for position in order]
    trial.histogram = histogram_of(finite)
    return order


def store(trial: Trial, scores: np.ndarray, flagged: list[Detection]) -> None:
    """In one transaction: nobody sees scores without their summary, or half of them."""
    with transaction.atomic():
        trial.save()
        trial.blocks.all().delete()
        trial.detections.all().delete()
        ScoreBlock.objects.bulk_create(_blocks(trial, scores), batch_size=50)
        Detection.objects.bulk_create(flagged, batch_size=500)


def highest(scores: np.ndarray, n: int) -> np.ndarray:
    """Places of the ``n`` highest finite scores, highest first; equal ones in the order they stand in."""
    places = np.flatnonzero(np.isfinite(scores))
    if len(places) > n:
        edge = np.partition(scores[places], len(places) - n)[len(places) - n]
        places = places[scores[places] >= edge]
    return places[np.argsort(-scores[places], kind="stable")][:n]


def _blocks(trial: Trial, scores: np.ndarray) -> list[ScoreBlock]:
    blocks = []
    for number, start in enumerate(range(0, len(scores), ScoreBlock.SIZE)):
        block = scores[start : start + ScoreBlock.SIZE]
        maximum = float(np.nanmax(block)) if np.isfinite(block).any() else None
        blocks.append(ScoreBlock(trial=trial, number=number, maximum=maximum, scores=block))
    return blocks


def histogram_of(finite: np.ndarray) -> dict[str, list[float]]:
    """Edges and counts of the scores."""
    if not len(finite):
        return {}
    low, high = float(finite.min()), float(finite.max())
    if high - low <= BINS * np.spacing(max(abs(low), abs(high))):
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(finite, bins=BINS, range=(low, high))
    return {"counts": counts.tolist(), "edges": edges.tolist()}
