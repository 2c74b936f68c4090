"""The writing side of sample sets, trials and comparisons: long work becomes a job, answered by 202 and its address."""

from typing import Any, ClassVar

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from detections import tasks
from detections.models import Trial
from detections.score_files import ScoreFileError, read_columns, read_scores
from detections.services.alignment import ScoresError
from detections.services.outside import Model, OtherScores, upload_scores
from detections.sets.bodies import FreezeBody, InjectBody
from detections.trials.bodies import (
    ComparisonBody,
    ScoresFormBody,
    ScoresJsonBody,
    ThresholdBody,
    TrialsBody,
)
from project.access import ExpertsWrite
from project.bodies import checked
from project.errors import UserError
from project.jobs.services import run_here, start
from project.jobs_api import accepted
from project.parsers import BoundedMultiPartParser, ScoresJSONParser
from project.writing import FORM, JSON, Conflict, Write, Writing, WritingSchema

QUEUED = {"202": "queued: the job, whose end is told at the address in Location"}
OUTSIDE = ("model", "revision", "scores")


def queued(task: Any, user: Any, title: str, **kwargs: Any) -> Response:
    """Start ``task`` for ``user``; what cannot be kept of the request is told as wrong."""
    try:
        return accepted(start(task, title=title, owner=user, **kwargs))
    except UserError as error:
        raise ValidationError({"request": [str(error)]}) from error


class FreezesSets(Writing):
    """``POST sample-sets``: freeze a choice, or inject into a set."""

    permission_classes: Any = (ExpertsWrite,)
    schema: Any = WritingSchema()
    writes: ClassVar = {
        "create": Write(
            "Freezes a choice of what the tables hold; with parent, injects anomalies into a copy of that set.",
            {JSON: (FreezeBody, InjectBody)},
            QUEUED,
        )
    }

    def create(self, request: Request) -> Response:
        data = request.data
        if isinstance(data, dict) and "parent" in data:
            fields = checked(InjectBody, data)
            fields["parent"] = fields["parent"].name
            return queued(tasks.inject, request.user, f"inject into {fields['parent']}", **fields)
        fields = checked(FreezeBody, data)
        return queued(tasks.freeze_samples, request.user, f"freeze {fields['name']}", **fields)


class RunsTrials(Writing):
    """``POST trials``: run detectors, or keep scores computed elsewhere; ``PATCH``: another threshold."""

    permission_classes: Any = (ExpertsWrite,)
    parser_classes: Any = (ScoresJSONParser, BoundedMultiPartParser)
    schema: Any = WritingSchema()
    writes: ClassVar = {
        "create": Write(
            "Runs detectors on a sample set (202 and a job), or keeps scores computed elsewhere, aligned by the keys "
            "of the set (201; 200 when the same were sent before).",
            {JSON: (TrialsBody, ScoresJsonBody), FORM: (ScoresFormBody,)},
            {**QUEUED, "200": "these scores are there already", "201": "the trial that keeps the scores",
             "409": "other scores of this model and revision are there"},
        ),
        "partial_update": Write(
            "Another threshold: what reaches it becomes a detection at once. It leaves a job, as all work does.",
            {JSON: (ThresholdBody,)},
            {"200": "the trial"},
        ),
    }  # fmt: skip
    retrieve: Any

    def create(self, request: Request) -> Response:
        data = request.data
        if request.FILES or (isinstance(data, dict) and any(name in data for name in OUTSIDE)):
            return self._keep_scores(request)
        fields = checked(TrialsBody, data)
        fields["sample_set"] = fields["sample_set"].name
        return queued(tasks.run_trials, request.user, f"trial of {fields['sample_set']}", **fields)

    def _keep_scores(self, request: Request) -> Response:
        fields = checked(ScoresFormBody if request.FILES else ScoresJsonBody, request.data)
        scores, sample_set = fields.pop("scores"), fields.pop("sample_set")
        alarm_fraction = fields.pop("alarm_fraction")
        model = Model(fields.pop("model"), **fields)
        try:
            rows = read_scores(scores) if request.FILES else read_columns(scores)
            trial, new = upload_scores(
                sample_set, model, rows, alarm_fraction=alarm_fraction, owner=request.user
            )
        except (ScoreFileError, ScoresError) as error:
            raise ValidationError({"scores": getattr(error, "reasons", [str(error)])}) from error
        except OtherScores as error:
            raise Conflict(str(error)) from error
        except UserError as error:
            raise ValidationError({"sample_set": [str(error)]}) from error
        return self.made(trial, new)

    def partial_update(self, request: Request, id: str) -> Response:
        trial: Trial = self.existing(id)
        threshold = checked(ThresholdBody, request.data)["threshold"]
        try:
            run_here(
                tasks.set_threshold, title=f"threshold of trial {trial.pk}", owner=request.user, trial=trial.pk,
                threshold=threshold,
            )  # fmt: skip
        except UserError as error:
            raise ValidationError({"threshold": [str(error)]}) from error
        return self.retrieve(request, id)


class Compares(Writing):
    """``POST comparisons``: judge trials against the truth of their set."""

    permission_classes: Any = (ExpertsWrite,)
    schema: Any = WritingSchema()
    writes: ClassVar = {
        "create": Write("Judges trials against the truth of their set.", {JSON: (ComparisonBody,)}, QUEUED)
    }

    def create(self, request: Request) -> Response:
        fields = checked(ComparisonBody, request.data)
        name = fields["sample_set"] = fields["sample_set"].name
        return queued(tasks.compare_trials, request.user, f"compare {name}", **fields)
