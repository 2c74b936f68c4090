"""What trials, their scores and comparisons take over the API: every field checked before anything is queued."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from detections.detectors import DetectorError, get_detector, make
from detections.metrics import METRICS
from detections.models import Trial
from detections.services.trials import ALARM_FRACTION
from detections.sets.bodies import SetName, seed
from project.bodies import Body, Choice, Name, Number, Plain, Upload, WholeNumber


class DetectorBody(Body):
    name = Name(max_length=128)
    params = Plain()


class TrialsBody(Body):
    """Detectors to run: ``detector`` with ``params``, or several as ``detectors``."""

    sample_set = SetName(max_length=128)
    detector = Name(max_length=128, required=False)
    params = Plain()
    detectors = serializers.ListField(child=DetectorBody(), required=False, min_length=1, max_length=100)
    seed = seed()
    transductive = serializers.BooleanField(default=False, help_text="fit on the very rows that are scored")
    alarm_fraction = Number(min_value=0.0, max_value=1.0, default=ALARM_FRACTION)
    force = serializers.BooleanField(default=False, help_text="compute again what is known")

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        several, one = fields.pop("detectors", None), fields.pop("detector", None)
        params = fields.pop("params")
        if (several is None) == (one is None):
            raise ValidationError({"detector": ["give detector, or detectors, and not both"]})
        if several is None:
            _check_detector("params", one, params, fields["seed"])
            return {**fields, "detectors": [{"name": one, "params": params}]}
        if params:
            raise ValidationError({"params": ["give them with each of the detectors"]})
        for place, each in enumerate(several):
            _check_detector(f"detectors.{place}.params", each["name"], each["params"], fields["seed"])
        return {**fields, "detectors": [dict(each) for each in several]}


def _check_detector(field: str, name: str, params: dict[str, Any], seed: int) -> None:
    try:
        accepted = get_detector(name).parameters()
    except DetectorError as error:
        raise ValidationError(
            {field.replace("params", "name") if "." in field else "detector": [str(error)]}
        ) from error
    try:
        make(name, **({"seed": seed, **params} if "seed" in accepted else params))
    except (DetectorError, TypeError, ValueError) as error:
        raise ValidationError({field: [str(error)]}) from error


class ComparisonBody(Body):
    """Trials to judge; without any, the newest of each detector."""

    sample_set = SetName(max_length=128)
    trials = serializers.ListField(
        child=WholeNumber(min_value=1), required=False, min_length=1, max_length=200
    )
    metric = Choice(tuple(METRICS), default="average_precision")
    far = Number(default=0.01, help_text="false-alarm rate of the efficiency, between 0 and 1")
    k = WholeNumber(min_value=1, max_value=10**9, default=100)
    n_boot = WholeNumber(min_value=1, max_value=10_000, default=200)
    seed = seed()
    force = serializers.BooleanField(default=False)

    def validate_far(self, far: float) -> float:
        if not 0 < far < 1:
            raise ValidationError("between 0 and 1")
        return far

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        sample_set = fields["sample_set"]
        if not sample_set.classes:
            raise ValidationError(
                {"sample_set": ["it has no truth to compare with: inject anomalies into it"]}
            )
        own = dict(Trial.objects.filter(sample_set=sample_set).values_list("pk", "state"))
        strangers = [str(pk) for pk in fields.get("trials", ()) if pk not in own]
        if strangers:
            raise ValidationError({"trials": [f"no trial of this set: {', '.join(strangers)[:200]}"]})
        if not any(own[pk] == Trial.State.DONE for pk in fields.get("trials", own)):
            raise ValidationError({"trials": ["there is no finished trial to compare"]})
        return fields


class ThresholdBody(Body):
    threshold = Number(allow_null=True, help_text="scores from here on are detections; null: none")


class ScoresBody(Body):
    """Scores computed elsewhere: who computed them, for which set, and the scores."""

    sample_set = SetName(max_length=128)
    model = serializers.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9._+-]*\Z", max_length=100, help_text="letters, digits, ._+-"
    )
    revision = serializers.RegexField(r"\A[A-Za-z0-9][A-Za-z0-9._+:/@-]*\Z", max_length=80)
    transductive = serializers.BooleanField(default=False, help_text="the model saw the rows it scores")
    offline = serializers.BooleanField(default=False, help_text="the model saw the future of what it scores")
    alarm_fraction = Number(min_value=0.0, max_value=1.0, default=ALARM_FRACTION)


TEXTS = {"type": "array", "items": {"type": "string"}}
WHOLES = {"type": "array", "items": {"type": "integer"}}
SCORES = {"type": "array", "items": {"type": "number", "nullable": True}}
BY_KEY = {"key": TEXTS, "step": WHOLES, "score": SCORES}
BY_LUMISECTION = {
    "run": WHOLES,
    "lumisection": WHOLES,
    "experiment": TEXTS,
    "element": TEXTS,
    "score": SCORES,
}


def _object(properties: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "object", "required": [*required, "score"], "properties": properties, "additionalProperties": False,
    }  # fmt: skip


@extend_schema_field({"oneOf": [_object(BY_KEY, ("key",)), _object(BY_LUMISECTION, ("run", "lumisection"))]})
class Columns(serializers.JSONField):
    """Lists of one length."""


class ScoresJsonBody(ScoresBody):
    scores = Columns(
        help_text='{"key": [...], "score": [...]}, of series "step" too, or "run" and "lumisection" in place of the '
        "key; null: not scored"
    )


class ScoresFormBody(ScoresBody):
    scores = Upload(
        help_text="CSV, JSON, Parquet or uncompressed Arrow with columns key (or run, lumisection), score"
    )
