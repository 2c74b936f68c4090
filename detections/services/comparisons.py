"""Comparing the trials of a sample set against its truth."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction

from detections import comparison as science
from detections.comparison.results import jsonable
from detections.metrics import Ordered
from detections.models import Comparison, SampleSet, Trial
from detections.querysets import scores_of
from detections.services.errors import told_to_the_user
from detections.services.opened import Desk, Opened
from detections.services.trial_names import names_of, newest, origin_of
from project.compute import run_batches
from project.errors import UserError
from project.jobs.reporter import Reporter
from project.samples import SCORE, Series

ALL = "all"


def compare_trials(  # noqa: PLR0913  keyword-only choices of the one who calls
    sample_set: SampleSet,
    trials: list[Trial] | None = None,
    *,
    metric: str = "average_precision",
    far: float = 0.01,
    k: int = 100,
    n_boot: int = 200,
    seed: int = 0,
    desk: Desk | None = None,
    force: bool = False,
    owner: Any = None,
    reporter: Reporter | None = None,
) -> tuple[Comparison, bool]:
    """Judge trials (all of the set, when none is named) against the set's truth; found again for the same inputs.

    For every class of the truth and for all together: each metric with its interval and chance level, curves,
    agreement; for injected sets also efficiency against strength ÷ sampling noise.
    """
    reporter = reporter or Reporter()
    if n_boot < 1 or k < 1 or not 0 < far < 1:
        raise UserError(f"n_boot {n_boot} and k {k} are at least 1, far {far} is between 0 and 1")
    chosen = _trials(sample_set, trials)
    params = {"metric": metric, "far": far, "k": k, "n_boot": n_boot, "seed": seed}
    inputs = _inputs(sample_set, chosen, params)
    found = Comparison.objects.filter(inputs=inputs).first()
    if found and not force:
        return found, False
    if sample_set.truth is None:
        raise UserError(
            f"{sample_set.name!r} has no truth to compare with: inject anomalies into it, or give it labels"
        )
    reporter.update(0.05, f"opening {sample_set.name}")
    judged = Judged(sample_set, chosen, (desk or Desk()).get(sample_set))
    options = science.Options(
        parameters={"precision_at_k": {"k": k}, "recall_at_k": {"k": k}, "efficiency_at_far": {"far": far}},
        sort_by=metric, n_boot=n_boot, seed=seed,
    )  # fmt: skip
    with told_to_the_user():
        results = judged.results(options, far, reporter)
    row = found or Comparison(inputs=inputs)
    row.sample_set, row.params, row.results, row.owner = sample_set, params, results, owner
    try:
        with transaction.atomic():
            row.save()
            row.trials.set(chosen)
    except IntegrityError:
        # Somebody else made the same comparison meanwhile and was first.
        return Comparison.objects.get(inputs=inputs), False
    return row, True


def _trials(sample_set: SampleSet, trials: list[Trial] | None) -> list[Trial]:
    """Trials to compare: of one set, and of each detector and model only the newest."""
    if trials is None:
        trials = newest(sample_set.trials.select_related("owner"))
    strangers = [str(trial.pk) for trial in trials if trial.sample_set_id != sample_set.pk]
    if strangers:
        raise UserError(f"trial {', '.join(strangers)} is not of sample set {sample_set.name!r}")
    if not any(trial.state == Trial.State.DONE for trial in trials):
        raise UserError(f"{sample_set.name!r} has no finished trial: run one with run_trial")
    return sorted(trials, key=lambda trial: trial.pk)


def _inputs(sample_set: SampleSet, trials: list[Trial], params: dict[str, Any]) -> str:
    what = [sample_set.hash, [[trial.inputs, trial.state] for trial in trials], params]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


class Judged:
    """The scores of the trials beside truth, groups and strength, on the rows that were to be scored."""

    def __init__(self, sample_set: SampleSet, trials: list[Trial], opened: Opened) -> None:
        self.sample_set = sample_set
        names = names_of(trials)
        self.trials = {names[trial.pk]: trial for trial in trials if trial.state == Trial.State.DONE}
        self.left_out = {names[trial.pk]: trial.reason for trial in trials if trial.state != Trial.State.DONE}
        scores = {label: scores_of(trial) for label, trial in self.trials.items()}
        asked = self._asked(opened)
        self.truth = np.asarray(sample_set.truth)[asked]
        self.sigma = None if sample_set.sigma is None else np.asarray(sample_set.sigma)[asked]
        self.groups = opened.groups()[asked]
        # Sorted once: classes, curves, agreement and strength all rank the same scores.
        self.scores = {label: Ordered.of(vector[asked]) for label, vector in scores.items()}

    def _asked(self, opened: Opened) -> np.ndarray:
        """What a detector could have scored: rows with the role score, less injections too weak to be truth.

        Those are neither right nor wrong to flag.
        """
        masks = []
        for part in opened.parts:
            mask = (part.roles & SCORE) > 0
            masks.append(np.repeat(mask, part.lengths) if isinstance(part, Series) else mask)
        asked = np.concatenate(masks)
        if self.sample_set.sigma is not None:
            asked &= (np.asarray(self.sample_set.truth) > 0) | np.isnan(np.asarray(self.sample_set.sigma))
        return asked

    def results(self, options: science.Options, far: float, reporter: Reporter) -> dict[str, Any]:
        """Everything the comparison page shows, in JSON's own types."""
        classes = self._classes()
        if not classes:
            raise UserError(
                f"nothing of the truth of {self.sample_set.name!r} was to be scored: choose another split"
            )
        reporter.update(0.1, f"redrawing groups for {', '.join(name for name, _, _ in classes)}")
        judged = run_batches(lambda one: self._judge(one, options), classes)
        compared, curves = (
            {one[0]: pair[i] for one, pair in zip(classes, judged, strict=True)} for i in (0, 1)
        )
        reporter.update(0.85, "agreement and strength")
        return jsonable({
            "classes": {name: one.as_dict() for name, one in compared.items()},
            "sentences": [science.sentence(one) for one in compared.values()],
            "curves": curves,
            "agreement": science.agreement(self.scores).as_dict(),
            "strength": self._strength(options, far),
            "left_out": self.left_out,
            "costs": self._costs(),
            "marks": {label: self._marks(trial) for label, trial in self.trials.items()},
            "outside": {label: origin_of(trial) for label, trial in self.trials.items() if trial.outside},
            "trials": {label: trial.pk for label, trial in self.trials.items()},
            "simulated": self.sample_set.simulated,
        })  # fmt: skip

    def _judge(
        self, one: tuple[str, np.ndarray, np.ndarray], options: science.Options
    ) -> tuple[science.Comparison, dict[str, Any]]:
        """The comparison for one class, and the curves of every detector."""
        name, rows, truth = one
        scores = {label: ordered.take(rows) for label, ordered in self.scores.items()}
        compared = science.compare(truth, self.groups[rows], scores, replace(options, name=self._title(name)))
        return compared, {label: science.curves(truth, vector) for label, vector in scores.items()}

    def _title(self, name: str) -> str:
        return "anomalies of every kind" if name == ALL else name

    def _classes(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """(name, rows, truth) of all classes together and of each: other anomalies are no negatives of a class."""
        everything = np.ones(len(self.truth), bool)
        classes = (
            [(ALL, everything, self.truth > 0)]
            if self.sample_set.parent_id or len(self.sample_set.classes) > 1
            else []
        )
        for number, name in enumerate(self.sample_set.classes, start=1):
            rows = (self.truth == 0) | (self.truth == number)
            truth = self.truth[rows] == number
            if truth.any():
                classes.append((name, rows, truth))
        return classes

    def _strength(self, options: science.Options, far: float) -> dict[str, Any]:
        """Per kind and detector, efficiency at a fixed false-alarm rate against strength ÷ sampling noise."""
        if self.sigma is None:
            return {}
        kinds = np.array(["", *self.sample_set.classes])[self.truth]
        chosen = science.StrengthOptions(far=far, n_boot=options.n_boot, seed=options.seed)
        curves = science.efficiency_vs_strength(
            self.scores, self.truth > 0, self.sigma, self.groups, kinds, chosen
        )
        return {
            kind or ALL: {
                label: [bin_.as_dict() for bin_ in curve.of_kind(kind)] for label, curve in curves.items()
            }
            for kind in ("", *self.sample_set.classes)
        }

    def _costs(self) -> dict[str, dict[str, float]]:
        return {
            label: {"fit_seconds": trial.fit_seconds, "score_seconds": trial.score_seconds}
            for label, trial in self.trials.items()
            if not trial.outside  # nobody knows what those cost
        }

    @staticmethod
    def _marks(trial: Trial) -> list[str]:
        return [name for name in ("transductive", "offline", "outside") if getattr(trial, name)]
