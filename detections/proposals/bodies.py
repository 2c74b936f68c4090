"""What proposals and decisions take over the API and from forms: every field checked before anything is stored."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from detections.verdicts.choice import MOST_RUNS, MOST_TRIALS
from project.bodies import Body, Choice, Comment, Name, Number, Plain, Upload, WholeNumber
from runs.models import Certification

BIGGEST = 2**31 - 1
STATUSES = tuple(Certification.Status.values)


class LumisectionNumber(WholeNumber):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"min_value": 1, "max_value": BIGGEST, "required": False, "allow_null": True, **kwargs}
        )


class SaidBody(Body):
    """What is said with a proposal, whatever it is made from."""

    flag = Name(max_length=64, default="golden", help_text="golden, or a subsystem: tracker, pixel, strip, …")
    cause = Name(max_length=64, default="", allow_blank=True, help_text="reason code of what is not good")
    comment = Comment(max_length=4_000)
    client_key = Name(max_length=64, default="", allow_blank=True, help_text="sent twice, it is stored once")


class RangeBody(Body):
    """Lumisections ``first`` to ``last``, both inclusive; without last to the end of the run."""

    first = LumisectionNumber()
    last = LumisectionNumber()
    status = Choice(STATUSES)


class ProposalBody(SaidBody):
    """Ranges of one run: ``first``, ``last`` and ``status``, or several as ``ranges``. No range: the whole run."""

    experiment = Name(max_length=64, default="CMS")
    run = WholeNumber(min_value=0)
    first = LumisectionNumber()
    last = LumisectionNumber()
    status = Choice(STATUSES, required=False)
    ranges = serializers.ListField(child=RangeBody(), required=False, min_length=1, max_length=5_000)
    trial = WholeNumber(min_value=1, required=False, help_text="whose scores were looked at")

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        several = fields.pop("ranges", None)
        alone = {name: fields.pop(name, None) for name in ("first", "last", "status")}
        if several is not None and any(value is not None for value in alone.values()):
            raise ValidationError({"ranges": ["give ranges, or first, last and status, and not both"]})
        if several is None and alone["status"] is None:
            raise ValidationError({"status": [f"one of {', '.join(STATUSES)} is needed"]})
        return {**fields, "ranges": [_range(one) for one in (several or [alone])]}


def _range(one: dict[str, Any]) -> tuple[int, int | None, str]:
    return one.get("first") or 1, one.get("last"), one["status"]


class TrialsChoiceBody(Body):
    """Trials that judge runs: a lumisection is bad where at least ``needed`` of them score it at their threshold."""

    trials = serializers.ListField(child=WholeNumber(min_value=1), min_length=1, max_length=MOST_TRIALS)
    thresholds = Plain(help_text="by trial id; a trial without one here keeps its own")
    needed = WholeNumber(min_value=1, max_value=MOST_TRIALS, default=1, help_text="1: any of them")
    experiment = Name(max_length=64, default="", allow_blank=True)
    runs = serializers.ListField(
        child=WholeNumber(min_value=0), required=False, min_length=1, max_length=MOST_RUNS,
        help_text="all that the trials saw, if left out",
    )  # fmt: skip

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        given = fields.pop("thresholds")
        trials = fields.pop("trials")
        if len(set(trials)) != len(trials):
            raise ValidationError({"trials": ["a trial is named twice"]})
        if strangers := sorted(set(given) - {str(pk) for pk in trials}):
            raise ValidationError({"thresholds": [f"no trial of these: {', '.join(strangers)[:100]}"]})
        return {**fields, "thresholds": {pk: _threshold(pk, given) for pk in trials}}


def _threshold(pk: int, given: dict[str, Any]) -> float | None:
    if str(pk) not in given:
        return None
    try:
        return Number().run_validation(given[str(pk)])
    except ValidationError as error:
        raise ValidationError({f"thresholds.{pk}": ["a finite number is needed"]}) from error


class FromTrialsBody(SaidBody, TrialsChoiceBody):
    """Proposals from the scores of trials: below the threshold good, from it on bad, one for each run."""


class FromFileBody(SaidBody):
    """Proposals from a file: golden JSON, or CSV with columns run, first, last, status."""

    experiment = Name(max_length=64, default="CMS")
    file = Upload()


class DecisionBody(Body):
    comment = Comment(max_length=4_000)


class RemarkBody(Body):
    comment = Comment(max_length=4_000, default=serializers.empty, allow_blank=False)
    client_key = Name(max_length=64, default="", allow_blank=True, help_text="sent twice, it is stored once")
