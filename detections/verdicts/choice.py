"""Which trials judge runs together: their thresholds, how many must agree, and the runs they saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from detections.models import SampleSet, Trial
from project.errors import UserError
from runs.models import Run

HISTOGRAMS = SampleSet.World.HISTOGRAMS
MOST_TRIALS = 40
MOST_RUNS = 500
COLUMNS = (
    "id", "detector", "params", "seed", "code_version", "inputs", "outside", "transductive", "offline", "threshold",
    "sample_set__name", "sample_set__hash", "sample_set__parent", "sample_set__simulated", "sample_set__recipe",
    "sample_set__parent__recipe",
)  # fmt: skip
TOLD = ("id", "detector", "params", "seed", "code_version", "inputs", "outside", "transductive", "offline")


class WrongChoice(UserError):
    """These trials cannot judge these runs; ``field`` is the one that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Chosen:
    """``thresholds`` by trial id; a lumisection is bad where at least ``needed`` of the trials say so."""

    trials: Sequence[dict[str, Any]]
    thresholds: Mapping[int, float]
    needed: int
    experiment: str
    runs: Sequence[Run]

    @property
    def dataset(self) -> str:
        return str(recipe_of(self.trials[0]).get("dataset", ""))

    @property
    def rule(self) -> str:
        n = len(self.trials)
        if n == 1:
            return "the trial says"
        return {1: "any of its trials says", n: "all of its trials say"}.get(
            self.needed, f"{self.needed} of its {n} trials say"
        )

    def evidence(self) -> dict[str, Any]:
        """What a proposal keeps: enough to find the very scores, thresholds and versions again."""
        told = [
            {name: trial[name] for name in TOLD}
            | {
                "threshold": self.thresholds[trial["id"]],
                "sample_set": trial["sample_set__name"],
                "sample_set_hash": trial["sample_set__hash"],
                "injected": trial["sample_set__parent"] is not None,
            }
            for trial in self.trials
        ]
        return {
            "trials": told,
            "needed": self.needed,
            "rule": f"bad where {self.rule} so",
        }


def recipe_of(trial: Mapping[str, Any]) -> dict[str, Any]:
    """What the set of a trial was chosen by; an injected set holds what its parent does."""
    found: dict[str, Any] = trial["sample_set__parent__recipe"] or trial["sample_set__recipe"]
    return found


def choose(
    thresholds: Mapping[int, float | None],
    needed: int = 1,
    *,
    runs: Iterable[int] | None = None,
    experiment: str = "",
) -> Chosen:
    """``thresholds`` by trial id, None: the trial's own; ``runs`` None: all that the trials saw.

    Raises WrongChoice, naming the field.
    """
    trials = _trials(list(thresholds))
    limits = {trial["id"]: _limit(trial, thresholds[trial["id"]]) for trial in trials}
    if not 1 <= needed <= len(trials):
        raise WrongChoice(
            "needed", f"of {len(trials)} trials {needed} cannot agree: give from 1 to {len(trials)}"
        )
    taken = {recipe_of(trial).get("experiment", "CMS") for trial in trials}
    if len(taken) > 1 or (experiment and taken != {experiment}):
        raise WrongChoice(
            "trials", f"these trials are of {', '.join(sorted(taken))}: choose those of one experiment"
        )
    found = _runs(trials, taken.pop(), runs)
    if any(trial["sample_set__parent"] for trial in trials) and not all(run.simulated for run in found):
        raise WrongChoice(
            "trials", "a trial saw copies into which anomalies were injected: it says nothing of real runs"
        )
    return Chosen(trials, limits, needed, found[0].experiment, found)


def _trials(ids: list[int]) -> list[dict[str, Any]]:
    if not 1 <= len(ids) <= MOST_TRIALS:
        raise WrongChoice("trials", f"choose from 1 to {MOST_TRIALS} trials")
    rows = scoring_trials().filter(pk__in=ids).order_by("id")
    found = {row["id"]: row for row in rows.values(*COLUMNS)}
    if missing := [str(pk) for pk in ids if pk not in found]:
        raise WrongChoice("trials", f"no trial that scored histograms: {', '.join(missing)[:200]}")
    return [found[pk] for pk in ids]


def scoring_trials() -> QuerySet[Trial]:
    """Finished trials whose scores are of lumisections."""
    return Trial.objects.filter(state=Trial.State.DONE, sample_set__world=HISTOGRAMS)


def _limit(trial: dict[str, Any], given: float | None) -> float:
    limit = trial["threshold"] if given is None else given
    if limit is None:
        raise WrongChoice("thresholds", f"trial {trial['id']} has no threshold: give one")
    return float(limit)


def _runs(trials: list[dict[str, Any]], experiment: str, asked: Iterable[int] | None) -> list[Run]:
    seen = {number for trial in trials for number in recipe_of(trial).get("runs") or ()}
    wanted = seen if asked is None else set(asked)
    if strange := sorted(wanted - seen):
        raise WrongChoice("runs", f"no trial of these saw run {', '.join(map(str, strange[:5]))}")
    if len(wanted) > MOST_RUNS:
        raise WrongChoice("runs", f"{len(wanted):,} runs: name those you mean, at most {MOST_RUNS}")
    found = list(Run.objects.visible().of(experiment).filter(number__in=wanted).order_by("number"))
    if not found:
        raise WrongChoice("runs", f"there is no such run of {experiment}")
    return found
