"""Proposals of certifications over the API: shifters propose and comment, experts sign, reject and undo."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.http import QueryDict
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from detections.models import Proposal, ProposalEvent
from detections.proposals.bodies import (
    DecisionBody,
    FromFileBody,
    FromTrialsBody,
    ProposalBody,
    RemarkBody,
    TrialsChoiceBody,
)
from detections.proposals.proposing import Made, from_file, from_range, from_trials, judged, refusals
from detections.proposals.schema import PREVIEW, SEVERAL, ProposalSchema
from detections.proposals.worklist_api import PARAMETERS, WORKLIST, asked_for, told
from detections.services.deciding import comment_on, reject, sign, undo, withdraw
from project.access import ExpertsWrite, ShiftersWrite
from project.bodies import checked
from project.filters import EXACT, INTEGER, MOMENT, NAMES, RANGE, TEXT, TRUTH, Filter, one_of
from project.parsers import BoundedJSONParser, BoundedMultiPartParser
from project.query import read
from project.resource import Resource, same
from project.stored import rows_of
from project.writing import FORM, JSON, Write, Writing
from runs.api import BY_RUN

OF_EXPERTS = ("sign", "reject", "undo")
DECIDED = {
    "200": "the proposal; also when you did so before",
    "409": "it is not in a state in which this can be done",
}
MADE = {
    "201": "the proposals",
    "200": "sent before with this client_key",
    "409": "client_key sent with others",
}


def _decision(about: str) -> Write:
    return Write(about, {JSON: (DecisionBody,)}, DECIDED)


class ProposalResource(Writing, Resource):
    """What people propose to certify. What is signed stands under /certifications/ with the source lumisift."""

    model = Proposal
    columns: ClassVar = {
        "id": "id",
        "run": "run__number",
        "experiment": "run__experiment",
        "simulated": "run__simulated",
        "user": "user__username",
        "decided_by": "decided_by__username",
        **same("flag state first last ranges cause comment origin evidence self_signed created decided"),
    }
    single: ClassVar = ("evidence",)
    filters: ClassVar = {
        **BY_RUN,
        "flag": Filter("flag"),
        "state": Filter("state", one_of(*Proposal.State.values)),
        "origin": Filter("origin", one_of(*Proposal.Origin.values)),
        "cause": Filter("cause"),
        "user": Filter("username", TEXT, NAMES, "user_id", get_user_model()),
        "first": Filter("first", INTEGER, RANGE),
        "last": Filter("last", INTEGER, RANGE),
        "self_signed": Filter("self_signed", TRUTH, EXACT),
        "created": Filter("created", MOMENT, ("gte", "lte")),
        "decided": Filter("decided", MOMENT, ("gte", "lte")),
    }
    default_ordering: ClassVar = "-id"
    parser_classes: Any = (BoundedJSONParser, BoundedMultiPartParser)
    schema: Any = ProposalSchema()
    described: ClassVar = {"worklist": WORKLIST}
    action_parameters: ClassVar = {"worklist": PARAMETERS}
    action_formats: ClassVar = {"worklist": ("json",)}
    several: ClassVar = {"from_trials": SEVERAL, "from_file": SEVERAL, "preview": PREVIEW}
    writes: ClassVar = {
        "create": Write(
            "Proposes a status for ranges of one run, or for the whole run. Shifters and above.",
            {JSON: (ProposalBody,)},
            {"201": "the proposal", "200": MADE["200"], "409": MADE["409"]},
        ),
        "from_trials": Write(
            "Proposes what trials say by their thresholds, one proposal for each run. Shifters and above.",
            {JSON: (FromTrialsBody,)}, MADE,
        ),
        "from_file": Write(
            "Proposes the ranges of a golden JSON or CSV file. Shifters and above.", {FORM: (FromFileBody,)}, MADE
        ),
        "preview": Write(
            "What trials say by their thresholds, with the luminosity at stake. Stores nothing. Shifters and above.",
            {JSON: (TrialsChoiceBody,)}, {"200": "each run"},
        ),
        "sign": _decision("Lets it hold, over what was signed before. Experts."),
        "reject": _decision("Refuses it. Experts."),
        "undo": _decision("Takes a signature back: what stood before holds again. Experts."),
        "withdraw": _decision("Takes one's own proposal back before it is decided."),
        "comment": Write(
            "Says something of it. Shifters and above.", {JSON: (RemarkBody,)},
            {"200": "the proposal", "409": "client_key sent with another comment"},
        ),
    }  # fmt: skip

    def get_permissions(self) -> list[BasePermission]:
        return [ExpertsWrite() if self.action in OF_EXPERTS else ShiftersWrite()]

    def create(self, request: Request) -> Response:
        fields = checked(ProposalBody, request.data)
        with refusals():
            (row,), new = from_range(request.user, fields)
        return self.made(row, new)

    @action(detail=False, methods=["post"], url_path="from-trials")
    def from_trials(self, request: Request) -> Response:
        fields = checked(FromTrialsBody, request.data)
        with refusals():
            return self._several(from_trials(request.user, fields))

    @action(detail=False, methods=["post"], url_path="from-file")
    def from_file(self, request: Request) -> Response:
        fields = checked(FromFileBody, request.data)
        with refusals():
            return self._several(from_file(request.user, fields))

    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        fields = checked(TrialsChoiceBody, request.data)
        with refusals():
            chosen, runs = judged(fields)
        results = [
            {"experiment": one.run.experiment, "run": one.run.number, "counts": one.counts,
             "luminosity_at_stake": one.at_stake, "luminosity_good": one.luminosity("good"), "ranges": one.ranges}
            for one in runs
        ]  # fmt: skip
        return Response({"rule": chosen.rule, "thresholds": chosen.thresholds, "results": results})

    @action(detail=True, methods=["post"])
    def sign(self, request: Request, id: str) -> Response:
        return self._decide(request, id, sign)

    @action(detail=True, methods=["post"])
    def reject(self, request: Request, id: str) -> Response:
        return self._decide(request, id, reject)

    @action(detail=True, methods=["post"])
    def undo(self, request: Request, id: str) -> Response:
        return self._decide(request, id, undo)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        return self._decide(request, id, withdraw)

    @action(detail=True, methods=["post"])
    def comment(self, request: Request, id: str) -> Response:
        proposal, fields = self.existing(id), checked(RemarkBody, request.data)
        with refusals():
            comment_on(proposal, request.user, fields["comment"], fields["client_key"])
        return self.retrieve(request, id)

    @action(detail=False)
    def worklist(self, request: Request) -> Response:
        return Response(told(asked_for(request.query_params)))

    def _decide(self, request: Request, id: str, decide: Callable[..., Proposal]) -> Response:
        proposal, fields = self.existing(id), checked(DecisionBody, request.data)
        with refusals():
            decide(proposal, request.user, fields["comment"])
        return self.retrieve(request, id)

    def _several(self, made: Made) -> Response:
        """Proposals that were made together, in order."""
        proposals, new = made
        query = read(self, QueryDict(), one=True)
        paths = self._paths(query)
        rows = rows_of(self.visible().filter(pk__in=[one.pk for one in proposals]).order_by("id"), paths)
        return Response({"results": self.shaped(query, paths, rows)}, status=201 if new else 200)


class ProposalEventResource(Resource):
    """What was done with proposals: append-only."""

    model = ProposalEvent
    columns: ClassVar = {
        "id": "id",
        "proposal": "proposal_id",
        "user": "user__username",
        **same("kind comment before created"),
    }
    filters: ClassVar = {
        "proposal": Filter("proposal_id", INTEGER, NAMES),
        "kind": Filter("kind", one_of(*ProposalEvent.Kind.values)),
        "user": Filter("username", TEXT, NAMES, "user_id", get_user_model()),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    came_from: ClassVar = "proposal__run__file"
