"""Scores computed elsewhere, kept as a trial like any other and shown as what they are."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import IntegrityError

from detections.models import Detection, SampleSet, Trial
from detections.score_files import Rows
from detections.services.alignment import aligned
from detections.services.flagging import flagged
from detections.services.places import places_of
from detections.services.storing import store, summarise
from detections.services.trials import ALARM_FRACTION
from project.errors import UserError

PREFIX = "outside."
NOT_SCORED = "not scored by the model"


class OtherScores(UserError):
    """The same model and revision scored this set before, and otherwise."""


@dataclass(frozen=True)
class Model:
    """Who computed the scores. ``transductive``, ``offline``: what it says of itself."""

    name: str
    revision: str
    transductive: bool = False
    offline: bool = False


def upload_scores(
    sample_set: SampleSet,
    model: Model,
    rows: Iterable[Rows],
    *,
    alarm_fraction: float = ALARM_FRACTION,
    owner: Any = None,
) -> tuple[Trial, bool]:
    """Keep the scores of ``model`` on ``sample_set``; returns the trial and whether it is new.

    The same scores of the same model and revision are found again; other ones raise OtherScores: new scores are a new
    revision. ScoresError where they do not fit the set.
    """
    scores = aligned(sample_set, rows)
    scores[scores == 0] = 0.0  # minus zero is the same score
    digest = hashlib.sha256(np.asarray(scores, "<f8").tobytes()).hexdigest()
    inputs = _inputs(sample_set, model)
    found = Trial.objects.light().filter(inputs=inputs).first()
    if found:
        return _same(found, digest, model), False
    trial = Trial(
        sample_set=sample_set, detector=f"{PREFIX}{model.name}", code_version=model.revision, inputs=inputs,
        outside=True, scores_hash=digest, transductive=model.transductive, offline=model.offline, owner=owner,
    )  # fmt: skip
    missing = int(np.isnan(scores).sum())
    trial.not_scored = {NOT_SCORED: missing} if missing else {}
    order = summarise(trial, scores, alarm_fraction)
    try:
        store(trial, scores, _flagged(trial, scores, order))
    except IntegrityError:
        # Somebody else sent the same meanwhile and was first.
        return _same(Trial.objects.light().get(inputs=inputs), digest, model), False
    return trial, True


def _inputs(sample_set: SampleSet, model: Model) -> str:
    what = ["outside", sample_set.hash, model.name, model.revision]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _same(trial: Trial, digest: str, model: Model) -> Trial:
    if trial.scores_hash != digest:
        raise OtherScores(
            f"trial {trial.pk} holds other scores of {model.name} {model.revision}: give these another revision"
        )
    if (trial.transductive, trial.offline) != (model.transductive, model.offline):
        raise OtherScores(f"trial {trial.pk} holds these scores, but says otherwise what the model saw")
    return trial


def _flagged(trial: Trial, scores: np.ndarray, order: np.ndarray) -> list[Detection]:
    """What reaches the threshold; where everything scores the same there is no highest."""
    finite = scores[np.isfinite(scores)]
    if trial.threshold is None or finite.min() == finite.max():
        return []
    places = order[scores[order] >= trial.threshold]
    wanted = dict(zip(places.tolist(), scores[places].tolist(), strict=True))
    return flagged(trial, places_of(trial.sample_set), wanted, lambda at: [[] for _ in at])
