"""Another threshold for a trial: what it flags follows, and what was flagged before keeps its row and reasons."""

from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import transaction

from detections.models import Detection, Trial
from detections.querysets import scores_of
from detections.services.flagging import flagged
from detections.services.places import places_of
from project.errors import UserError

KEPT = ("rank", "position", "key", "score", "time_start", "time_end")


def set_threshold(trial: Trial, threshold: float | None) -> dict[str, int]:
    """Flag what scores at least ``threshold``; None flags nothing. Returns how many are flagged and how many were.

    Reasons are those of the trial's run: what was not flagged then has none. Raises UserError where the threshold is
    lower than what a trial keeps.
    """
    _check(trial, threshold)
    wanted = _wanted(trial, threshold)
    at = places_of(trial.sample_set) if wanted else None
    with transaction.atomic():
        # Two who move the same threshold come one after the other.
        Trial.objects.select_for_update().only("pk").get(pk=trial.pk)
        old = {one.position: one for one in trial.detections.all()}
        new = flagged(trial, at, wanted, _reasons_of(old)) if at else []
        fresh = [one for one in new if not _same(one, old.get(one.position))]
        staying = {one.position for one in new} - {one.position for one in fresh}
        Trial.objects.filter(pk=trial.pk).update(threshold=threshold)
        trial.detections.exclude(position__in=staying).delete()
        Detection.objects.bulk_create(fresh, batch_size=500)
    trial.threshold = threshold
    return {"flagged": len(new), "before": len(old)}


def _reasons_of(old: dict[int, Detection]) -> Callable[[np.ndarray], list[list[dict[str, Any]]]]:
    return lambda positions: [old[place].reasons if place in old else [] for place in positions.tolist()]


def _check(trial: Trial, threshold: float | None) -> None:
    if trial.state != Trial.State.DONE or not trial.top:
        raise UserError(f"trial {trial.pk} has no scores to flag: {trial.reason or 'nothing was scored'}")
    lowest = trial.top[-1][1]
    if threshold is not None and threshold < lowest and trial.n_scored > len(trial.top):
        raise UserError(
            f"a trial keeps its {len(trial.top):,} highest: the threshold must be at least {lowest!r}"
        )


def _wanted(trial: Trial, threshold: float | None) -> dict[int, float]:
    """Score by position, highest first. Where everything scores the same there is no highest."""
    if threshold is None or (trial.top[0][1] == trial.top[-1][1] and _flat(trial)):
        return {}
    return {position: score for position, score in trial.top if score >= threshold}


def _flat(trial: Trial) -> bool:
    scores = scores_of(trial)
    return bool(np.nanmin(scores) == np.nanmax(scores))


def _same(new: Detection, old: Detection | None) -> bool:
    return old is not None and all(getattr(new, name) == getattr(old, name) for name in KEPT)
