"""How much of each element of a run a trial flags: the pills of the tree of monitoring elements."""

from typing import Any

import numpy as np
from django.http import HttpRequest

from detections.slots.elements import recipe_of
from detections.verdicts.positions import Placed, positions_of
from detections.verdicts.scores import TrialScorer, trial_row, values_of
from histos.models import Dataset
from histos.rates import Rates, Share, rate
from project.errors import UserError
from runs.models import Run
from runs.scores import RunKey


def fill_trees() -> None:
    """Called once, when the app is ready."""
    rate(rates_of)


def rates_of(request: HttpRequest, run: Run, dataset: Dataset, ls: int | None) -> Rates | None:
    """By the trial that the address names (``trial=``), or the most sensible one; None where there is none."""
    scorer = TrialScorer()
    choices = scorer.choices([RunKey(run.experiment, run.number)])
    value = request.GET.get("trial", "") or scorer.default(choices, run.simulated)
    if not value:
        return Rates(choices=choices) if choices else None
    trial = _trial(value)
    if recipe_of(trial["sample_set"]).get("dataset") != dataset.name:
        return Rates(choices=choices, value=value)
    group = f"{run.experiment}:{run.number}"
    placed = positions_of(trial["sample_set"], trial["sample_set__hash"], [group])
    if group not in placed:
        return Rates(choices=choices, value=value)
    scores = values_of(trial["id"], placed)[group]
    return Rates(_shares(placed[group], scores, trial["threshold"], ls), choices, value)


def _trial(value: str) -> dict[str, Any]:
    try:
        return trial_row(value)
    except ValueError as error:
        raise UserError(f"trial: {error}") from error


def _shares(placed: Placed, scores: np.ndarray, threshold: float | None, ls: int | None) -> dict[str, Share]:
    here = np.isfinite(scores) & ((placed.lumisections == ls) if ls is not None else True)
    over = here & (scores >= (np.inf if threshold is None else threshold))
    many = len(placed.names)
    scored = np.bincount(placed.elements[here], minlength=many)
    flagged = np.bincount(placed.elements[over], minlength=many)
    counted = zip(placed.names, flagged.tolist(), scored.tolist(), strict=True)
    return {name: Share(hit, seen) for name, hit, seen in counted if seen}
