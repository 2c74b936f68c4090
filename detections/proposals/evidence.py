"""What speaks for a proposal: the trials it names with their scores, and the detections that drive it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import Q

from detections.models import Detection, Proposal, SampleSet, Trial
from detections.verdicts.choice import MOST_TRIALS
from detections.verdicts.scores import CHANCE, TrialScorer
from detections.views.heavy import OF_SET
from runs.models import Run
from runs.scores import RunKey

SHOWN = 8
"""Detections drawn of each trial."""
DRAWN = 3
"""Trials whose detections are drawn."""


@dataclass
class TrialEvidence:
    """What one trial says of the lumisections concerned: those not good, or all where all are good."""

    trial: Trial
    sample_set: SampleSet
    threshold: float | None
    named: bool
    highest: float | None = None
    above: int = 0
    scored: int = 0
    not_scored: int = 0
    detections: list[Detection] = field(default_factory=list)


@dataclass
class Evidence:
    """``trials``: those that the proposal names, or else those that flag something in its ranges."""

    trials: list[TrialEvidence]
    url_trial: str = ""


def evidence_of(proposal: Proposal) -> Evidence:
    """A handful of queries for each trial, at most ``DRAWN`` of which are drawn."""
    named = {one["id"]: one for one in proposal.evidence.get("trials", ())}
    concerned = [one for one in proposal.ranges if one[2] != "GOOD"] or proposal.ranges
    within = _within(concerned)
    detections = Detection.objects.filter(lumisection__run=proposal.run_id).filter(within)
    ids = list(named) or _flagging(detections, proposal.run)
    trials = Trial.objects.filter(pk__in=ids[:MOST_TRIALS]).select_related("sample_set__parent")
    found = {one.pk: one for one in trials.defer("top", "histogram", "fitted_on", *OF_SET, *_of_parent())}
    made = [_of_trial(found[pk], named.get(pk), proposal, concerned) for pk in ids if pk in found]
    for one in made[:DRAWN]:
        one.detections = list(detections.filter(trial=one.trial).order_by("rank")[:SHOWN])
    return Evidence(made, str(made[0].trial.pk) if made else "")


def _of_parent() -> list[str]:
    return [name.replace("sample_set__", "sample_set__parent__", 1) for name in OF_SET]


def _within(ranges: Sequence[Any]) -> Q:
    found = Q()
    for first, last, _ in ranges[:200]:
        one = Q(lumisection__number__gte=first)
        found |= one if last is None else one & Q(lumisection__number__lte=last)
    return found


def _flagging(detections: Any, run: Run) -> list[int]:
    """The trials that flag most there; what saw injected copies says nothing of real runs."""
    rows = detections.exclude(trial__detector__in=CHANCE).order_by()
    rows = rows if run.simulated else rows.filter(trial__sample_set__parent=None)
    return list(rows.values_list("trial", flat=True).distinct().order_by("-trial")[:DRAWN])


def _of_trial(
    trial: Trial, told: dict[str, Any] | None, proposal: Proposal, ranges: Sequence[Any]
) -> TrialEvidence:
    threshold = told["threshold"] if told else trial.threshold
    made = TrialEvidence(trial, trial.sample_set, threshold, told is not None)
    key = RunKey(proposal.run.experiment, proposal.run.number)
    scores = TrialScorer().scores(str(trial.pk), [key]).runs.get(key)
    if scores is None:
        return made
    inside = np.zeros(len(scores.numbers), dtype=bool)
    for first, last, _ in ranges:
        inside |= (scores.numbers >= first) & (scores.numbers <= (np.inf if last is None else last))
    values = scores.values[inside]
    known = values[np.isfinite(values)]
    made.scored, made.not_scored = len(known), len(values) - len(known)
    made.highest = float(known.max()) if len(known) else None
    made.above = int((known >= threshold).sum()) if threshold is not None else 0
    return made
