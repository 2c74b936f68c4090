"""From checked fields to proposals: what pages and the API share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import PermissionDenied, ValidationError

from detections.models import Proposal
from detections.proposals.range_files import MOST_BYTES, read_ranges
from detections.services.deciding import Decided
from detections.services.from_files import propose_from_file
from detections.services.from_trials import propose_from_trials
from detections.services.labels import NotYours
from detections.services.proposals import OtherProposal, Range, Words, WrongProposal, propose
from detections.verdicts.choice import Chosen, WrongChoice, choose
from detections.verdicts.runs import JudgedRun, judge_runs
from project.errors import UserError
from project.writing import Conflict
from runs.models import Run

Made = tuple[list[Proposal], bool]
SAID = ("flag", "cause", "comment", "client_key")


@contextmanager
def refusals() -> Iterator[None]:
    """What a service refuses, as the API says it."""
    try:
        yield
    except (WrongProposal, WrongChoice) as error:
        raise ValidationError({error.field: [str(error)]}) from error
    except (OtherProposal, Decided) as error:
        raise Conflict(str(error)) from error
    except NotYours as error:
        raise PermissionDenied(str(error)) from error


def from_range(user: Any, fields: dict[str, Any]) -> Made:
    """``fields`` of a ProposalBody."""
    run = Run.objects.visible().of(fields["experiment"]).filter(number=fields["run"]).first()
    if run is None:
        raise WrongProposal("run", f"there is no run {fields['run']} of {fields['experiment']}")
    evidence: dict[str, Any] = {}
    if "trial" in fields:
        looked_at = choose({fields["trial"]: None}, runs=[run.number], experiment=run.experiment)
        evidence = {"trials": looked_at.evidence()["trials"]}
    words = Words(**{name: fields[name] for name in SAID}, origin=Proposal.Origin.RANGE, evidence=evidence)
    return propose(user, [(run, [Range(*one) for one in fields["ranges"]])], words)


def from_file(user: Any, fields: dict[str, Any]) -> Made:
    """``fields`` of a FromFileBody."""
    upload = fields["file"]
    if upload.size > MOST_BYTES:
        raise WrongProposal("file", f"larger than {MOST_BYTES >> 20} MB")
    try:
        file = read_ranges(upload.name, upload.read())
    except UserError as error:
        raise WrongProposal("file", str(error)) from error
    said = {name: fields[name] for name in SAID}
    return propose_from_file(user, file, experiment=fields["experiment"], **said)


def judged(fields: dict[str, Any]) -> tuple[Chosen, list[JudgedRun]]:
    """``fields`` of a TrialsChoiceBody: the choice, and what it says of each run."""
    chosen = choose(
        fields["thresholds"], fields["needed"], runs=fields.get("runs"), experiment=fields["experiment"]
    )
    return chosen, judge_runs(chosen)


def from_trials(user: Any, fields: dict[str, Any]) -> Made:
    """``fields`` of a FromTrialsBody."""
    chosen, runs = judged(fields)
    return propose_from_trials(user, chosen, runs, **{name: fields[name] for name in SAID})
