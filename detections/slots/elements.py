"""What trials say on the pages of an element in a run: the lumisections they flag, their scores, their reasons."""

from functools import partial
from typing import Any

import numpy as np
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from detections.models import Detection, SampleSet, ScoreBlock, Trial
from detections.reasons.wording import bins_of, elements_named, reasons_in_words
from detections.verdicts.positions import positions_of
from detections.verdicts.scores import TrialScorer
from histos.marks import Marks, mark
from histos.models import Dataset, MonitoringElement
from histos.querysets import label_of
from project.asked import rows
from project.errors import UserError
from project.slots import fill
from runs.models import Run
from runs.scores import RunKey

MOST_FLAGGED = 40
"""Flagged lumisections that are named in words; the plot shows all."""


def fill_element_pages() -> None:
    """Called once, when the app is ready."""
    mark(marks_of)
    fill("element.run", trials_on_element)


def marks_of(request: HttpRequest, element: MonitoringElement, run: Run, dataset: Dataset) -> Marks | None:
    """Of the trial that the address names (``trial=``); None where it names none."""
    value = request.GET.get("trial", "")
    if not value:
        return None
    trial = trial_named(value)
    if not _saw(trial.sample_set, element, dataset):
        return Marks(f"trial {trial.pk}")
    found = _detections(trial, element, run)
    flagged = {one.lumisection.number: tuple(bins_of(one, element)) for one in found}  # type: ignore[union-attr]
    return Marks(f"trial {trial.pk}", flagged, _scores(trial, element, run), trial.threshold)


def trial_named(value: str) -> Trial:
    """Raises UserError where ``value`` names no trial that scored histograms."""
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise UserError(f"trial: {value[:40]!r} is not the number of a trial")
    done = Trial.objects.light().filter(state=Trial.State.DONE, sample_set__world=SampleSet.World.HISTOGRAMS)
    heavy = ("keys", "groups", "roles", "folds", "truth", "strength", "sigma", "events")
    found = (
        done.select_related("sample_set")
        .defer(*(f"sample_set__{name}" for name in heavy))
        .filter(pk=int(value))
    )
    trial: Trial | None = found.first()
    if trial is None:
        raise UserError(f"trial: there is no trial {value} that scored histograms")
    return trial


def _saw(sample_set: SampleSet, element: MonitoringElement, dataset: Dataset) -> bool:
    """Whether the set, or the one it was injected into, holds this element of this dataset."""
    recipe = recipe_of(sample_set.pk)
    return recipe.get("dataset") == dataset.name and label_of(element) in recipe.get("elements", ())


def recipe_of(sample_set: int | None) -> dict[str, Any]:
    """How the histograms of a set were chosen, or of the one it was injected into."""
    recipe: dict[str, Any] = {}
    columns = ("recipe", "parent", "parent__recipe", "parent__parent")
    while sample_set is not None:
        ((recipe, parent, of_parent, sample_set),) = rows(
            "recipe of", (sample_set,), partial(SampleSet.objects.filter, pk=sample_set), SampleSet, columns
        )
        recipe = recipe if parent is None else of_parent
    return recipe


def _detections(trial: Trial, element: MonitoringElement, run: Run) -> list[Detection]:
    found = Detection.objects.filter(trial=trial, lumisection__run=run).select_related("lumisection")
    return [one for one in found if element.name in (one.key.partition(" ")[2], *elements_named(one.reasons))]


def _scores(trial: Trial, element: MonitoringElement, run: Run) -> dict[int, float]:
    """By lumisection; of the score vector only the blocks with scores of this run are read."""
    group = f"{run.experiment}:{run.number}"
    placed = positions_of(trial.sample_set_id, trial.sample_set.hash, [group]).get(group)
    if placed is None or element.name not in placed.names:
        return {}
    here = placed.elements == placed.names.index(element.name)
    positions, numbers = placed.positions[here], placed.lumisections[here]
    values = np.full(len(positions), np.nan)
    wanted = np.unique(positions // ScoreBlock.SIZE).tolist()
    blocks = ScoreBlock.objects.filter(trial=trial, number__in=wanted).values_list("number", "scores")
    for number, scores in blocks:
        inside = positions // ScoreBlock.SIZE == number
        values[inside] = scores[positions[inside] - number * ScoreBlock.SIZE]
    pairs = zip(numbers.tolist(), values.tolist(), strict=True)
    return {number: value for number, value in pairs if np.isfinite(value)}


def trials_on_element(
    request: HttpRequest, *, element: MonitoringElement, run: Run, ls: int, marks: list[Marks], **about: Any
) -> SafeString:
    """The choice of a trial, and what the chosen one says of this lumisection."""
    value = request.GET.get("trial", "")
    choices = TrialScorer().choices([RunKey(run.experiment, run.number)])
    said = next((one for one in marks if one.name == f"trial {value}"), None)
    context: dict[str, Any] = {
        "choices": choices, "value": value, "said": said, "ls": ls,
        "chosen": next((one for one in choices if one.value == value), None),
        "hidden": [(name, text) for name, text in request.GET.items() if name not in ("trial", "ls")],
    }  # fmt: skip
    if said is not None:
        context |= _of_lumisection(request, said, element, run, ls)
    return SafeString(render_to_string("detections/on_element.html", context, request))


def _of_lumisection(
    request: HttpRequest, said: Marks, element: MonitoringElement, run: Run, ls: int
) -> dict[str, Any]:
    params = request.GET.copy()
    params.pop("ls", None)
    own = Detection.objects.filter(
        trial=int(request.GET["trial"]),
        lumisection__run=run,
        lumisection__number=ls,
        key__endswith=f" {element.name}",
    )
    detection = own.first()
    return {
        "score": said.scores.get(ls), "detection": detection,
        "reasons": reasons_in_words(detection, {element.name: element}) if detection else [],
        "state": params.urlencode(),
        "flagged": sorted(said.flagged)[:MOST_FLAGGED], "n_flagged": len(said.flagged),
    }  # fmt: skip
