"""Trials as scores of lumisections on the pages of runs: which there are, and the highest score in each lumisection."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.urls import reverse

from detections.models import SampleSet, ScoreBlock, Trial
from detections.verdicts.positions import Placed, positions_of
from project.asked import rows
from runs.scores import Choice, RunKey, RunScores, Scored

MOST_SETS, MOST_TRIALS = 100, 40
CHANCE = ("random", "constant")
"""Detectors that stand for chance: never what is shown first."""
HISTOGRAMS = SampleSet.World.HISTOGRAMS
COLUMNS = (
    "id", "detector", "threshold", "sample_set", "sample_set__name", "sample_set__hash", "sample_set__parent",
    "sample_set__simulated",
)  # fmt: skip


class TrialScorer:
    """Of a lumisection with several elements, the highest score stands for it."""

    parameter = "trial"
    label = "Scores of trial"

    def choices(self, runs: Sequence[RunKey]) -> list[Choice]:
        sets = _sets_with(runs)
        found = _trials(("of sets", len(sets)), sets, lambda: _done().filter(sample_set__in=sets))
        return [_choice(row) for row in sorted(found, key=_sensible)]

    def default(self, choices: Sequence[Choice], simulated: bool) -> str:
        """Scores of data with injected anomalies would slander real runs, so they must be asked for."""
        return next((one.value for one in choices if simulated or "injected" not in one.marks), "")

    def scores(self, value: str, runs: Sequence[RunKey]) -> Scored:
        row = trial_row(value)
        groups = {f"{run.experiment}:{run.number}": run for run in runs}
        placed = positions_of(row["sample_set"], row["sample_set__hash"], groups)
        found = _values(row["id"], placed)
        return Scored(
            _choice(row), row["threshold"], {groups[group]: scores for group, scores in found.items()}
        )


def _sets_with(runs: Sequence[RunKey]) -> list[int]:
    """The newest sets of histograms that hold any of these runs; an injected set holds what its parent does."""
    columns = ("id", "parent", "recipe")

    def newest() -> QuerySet:
        return SampleSet.objects.filter(world=HISTOGRAMS).order_by("-id")

    found = rows("sets of histograms", (), newest, SampleSet, columns, MOST_SETS)
    sets = {pk: (parent, recipe) for pk, parent, recipe in found}
    return [pk for pk in sets if _holds(_origin(pk, sets), runs)]


def _origin(pk: int, sets: dict[int, tuple[int | None, Any]]) -> Any:
    """The recipe from which a set was chosen, through its parents."""
    parent, recipe = sets[pk]
    return _origin(parent, sets) if parent in sets else recipe


def _holds(recipe: Any, runs: Sequence[RunKey]) -> bool:
    numbers, experiment = set(recipe.get("runs") or ()), recipe.get("experiment", "CMS")
    return any(run.experiment == experiment and run.number in numbers for run in runs)


def _sensible(row: dict[str, Any]) -> tuple[bool, bool, int]:
    return row["sample_set__parent"] is not None, row["detector"] in CHANCE, -row["id"]


def _choice(row: dict[str, Any]) -> Choice:
    marks = {"injected": row["sample_set__parent"] is not None, "simulated": row["sample_set__simulated"]}
    return Choice(
        str(row["id"]), f"{row['detector']} on {row['sample_set__name']}", reverse("trial", args=[row["id"]]),
        tuple(mark for mark, holds in marks.items() if holds), row["detector"],
    )  # fmt: skip


def trial_row(value: str) -> dict[str, Any]:
    """Its COLUMNS by name. Raises ValueError where ``value`` names no trial that scored histograms."""
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise ValueError(f"{value[:40]!r} is not the number of a trial")
    key = int(value)
    found = _trials(
        "of histograms", (key,), lambda: _done().filter(sample_set__world=HISTOGRAMS).filter(pk=key)
    )
    if not found:
        raise ValueError(f"there is no trial {value} that scored histograms")
    return found[0]


def _done() -> QuerySet:
    return Trial.objects.filter(state=Trial.State.DONE)


def _trials(shape: Hashable, values: Sequence[int], build: Callable[[], QuerySet]) -> list[dict[str, Any]]:
    """The newest of them, by column."""
    found = rows(("trials", shape), values, lambda: build().order_by("-id"), Trial, COLUMNS, MOST_TRIALS)
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


def _values(trial: int, placed: dict[str, Placed]) -> dict[str, RunScores]:
    return {group: _highest(placed[group], values) for group, values in values_of(trial, placed).items()}


def values_of(trial: int, placed: dict[str, Placed]) -> dict[str, np.ndarray]:
    """The scores of each run as placed: only the blocks that hold any of them are read, one after the other."""
    values = {group: np.full(len(one.positions), np.nan) for group, one in placed.items()}
    size = ScoreBlock.SIZE
    wanted = sorted(
        {number for one in placed.values() for number in np.unique(one.positions // size).tolist()}
    )
    blocks = ScoreBlock.objects.filter(trial=trial, number__in=wanted).values_list("number", "scores")
    for number, scores in blocks.iterator(chunk_size=1):
        for group, one in placed.items():
            here = one.positions // size == number
            values[group][here] = scores[one.positions[here] - number * size]
    return values


def _highest(placed: Placed, values: np.ndarray) -> RunScores:
    """Per lumisection the highest score and its element."""
    # A set lists the lumisections of an element in order: what is nearly sorted is sorted fast.
    order = np.argsort(placed.lumisections, kind="stable")
    numbers = placed.lumisections[order]
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    # Not scored counts less than every score, so that one scored element is enough.
    known = np.where(np.isnan(values), -np.inf, values)[order]
    sizes = np.diff(np.append(starts, len(numbers)))
    tops = np.flatnonzero(known == np.repeat(np.maximum.reduceat(known, starts), sizes))
    best = order[tops[np.searchsorted(tops, starts + sizes) - 1]]
    return RunScores(
        numbers[starts], values[best], [placed.names[at] for at in placed.elements[best].tolist()]
    )
