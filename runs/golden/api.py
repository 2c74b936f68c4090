"""Versions of certification files over the API: read by all who may read, made by experts."""

from typing import Any, ClassVar

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from project.access import ExpertsWrite
from project.bodies import Body, Choice, Comment, Name, WholeNumber, Words, checked
from project.errors import UserError
from project.filters import EXACT, INTEGER, MOMENT, RANGE, TRUTH, Filter, one_of
from project.openapi import Schema, parameter
from project.query import Query
from project.resource import Resource, same
from project.writing import JSON, Write, Writing, WritingSchema
from runs.golden.answers import compared, validated
from runs.golden.operands import operand_of, parsed_operand, stored
from runs.golden.store import store_mask, unsaved
from runs.golden.workbench import MOST_OPERANDS, OPERATIONS, Work, compare, work
from runs.models import LumiMask

OBJECT: Schema = {"type": "object", "additionalProperties": True}
TO = parameter("to", {"type": "integer", "minimum": 1}, "id of the other version") | {"required": True}


@extend_schema_field(OBJECT)
class Ranges(serializers.JSONField):
    """The content of a certification file."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict) or not data:
            raise ValidationError("an object of runs and ranges is needed")
        return data


class MaskBody(Body):
    """What to make a version of: ``operands`` put together as ``do`` says, or ``ranges`` as a golden file has them."""

    operands = Words(
        max_length=MOST_OPERANDS, required=False, help_text="such as mask=12, flag=golden&source=…, trial=3"
    )
    ranges = Ranges(
        required=False, help_text='{"316187": [[1, 1091], [1093, 1100]]}; [[-1]] is the whole run'
    )
    do = Choice(choices=list(OPERATIONS), default="all", help_text="intersection, union, or subtraction")
    experiment = Name(max_length=64, default="CMS")
    name = Name(max_length=128, default="", allow_blank=True, help_text="default: by CMS' own naming")
    kind = Choice(choices=LumiMask.Kind.values, required=False)
    first_run = WholeNumber(min_value=1, required=False, help_text="first run that was looked at")
    last_run = WholeNumber(min_value=1, required=False, help_text="last run that was looked at")
    comment = Comment(max_length=4_000)
    dry_run = serializers.BooleanField(
        default=False, help_text="check, and say what it would be; store nothing"
    )

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        if ("operands" in fields) == bool(fields.get("ranges")):
            raise ValidationError({"operands": ["give operands, or ranges: one of the two"]})
        return fields


class LumiMaskResource(Writing, Resource):
    """Versions of golden, DCS-only and other certification files. Absence from one is not a verdict."""

    model = LumiMask
    columns: ClassVar = {
        "owner": "owner__username",
        **same(
            "id experiment name version kind sha256 first_run last_run n_runs n_lumisections n_without_luminosity "
            "recorded_luminosity delivered_luminosity recorded_total comment simulated created faults provenance ranges"
        ),
    }
    single: ClassVar = ("faults", "provenance", "ranges")
    filters: ClassVar = {
        "experiment": Filter("experiment"),
        "name": Filter("name"),
        "version": Filter("version", INTEGER, RANGE),
        "kind": Filter("kind", one_of(*LumiMask.Kind.values)),
        "sha256": Filter("sha256"),
        "simulated": Filter("simulated", TRUTH, EXACT),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    orderings: ClassVar = {"id": ("id",), "name": ("experiment", "name", "version")}
    default_ordering: ClassVar = "-id"
    permission_classes = (ExpertsWrite,)
    schema = WritingSchema()
    writes: ClassVar = {
        "create": Write(
            "Makes a version from stored versions, certifications, trials or ranges. Experts and above.",
            {JSON: (MaskBody,)},
            {"200": "known already; or, with dry_run, what it would be", "201": "the new version"},
        )
    }
    described: ClassVar = {
        "validation": (OBJECT, "What is the matter with it, by run and range, against the runs known now."),
        "changes": (
            OBJECT,
            "From this version to another: lumisections and luminosity removed and added, by run.",
        ),
        "download": (OBJECT, "The file as CMS' own tools read it, under CMS' own naming."),
    }
    action_parameters: ClassVar = {"changes": (TO,)}

    @classmethod
    def item_schema(cls) -> dict[str, Any]:
        schema = super().item_schema()
        schema["properties"]["ranges"] = OBJECT
        return schema

    def shape(self, row: dict[str, Any], query: Query) -> dict[str, Any]:
        if isinstance(row.get("ranges"), str) and not query.is_export:
            row["ranges"] = orjson.loads(row["ranges"])
        return row

    def create(self, request: Request) -> Response:
        fields = checked(MaskBody, request.data)
        what = {name: fields[name] for name in ("name", "kind", "comment") if name in fields}
        try:
            found = _work(fields)
            if fields["dry_run"]:
                return self._would_be(unsaved(found, owner=request.user, **what))
            return self.made(*store_mask(found, owner=request.user, **what))
        except UserError as error:
            raise ValidationError({"operands": [str(error)]}) from error

    def _would_be(self, version: LumiMask) -> Response:
        row = {name: getattr(version, path, None) for name, path in self.columns.items()}
        return Response(self.shape({**row, "version": None}, Query(fields=tuple(row))))

    @action(detail=True)
    def validation(self, request: Request, id: str) -> Response:
        _only(request)
        return Response(validated(work((), made=[operand_of(self.existing(id))])))

    @action(detail=True)
    def changes(self, request: Request, id: str) -> Response:
        _only(request, "to")
        version = self.existing(id)
        if "to" not in request.query_params:
            raise ValidationError({"to": [f"give the {TO['description']}"]})
        try:
            other = stored(request.query_params["to"])
        except UserError as error:
            raise ValidationError({"to": [str(error)]}) from error
        if other.experiment != version.experiment:
            raise ValidationError({"to": [f"{other} is of {other.experiment}, not of {version.experiment}"]})
        return Response(compared(compare(operand_of(version), operand_of(other), version.experiment)))

    @action(detail=True)
    def download(self, request: Request, id: str) -> HttpResponse:
        _only(request)
        return as_file(self.existing(id))


def as_file(version: LumiMask) -> HttpResponse:
    """The version as the file that CMS' tools read."""
    headers = {
        "Content-Disposition": f'attachment; filename="{version.file_name}"',
        "X-Content-SHA256": version.sha256,
    }
    return HttpResponse(version.ranges, content_type="application/json", headers=headers)


def _work(fields: dict[str, Any]) -> Work:
    asked = (fields.get("first_run"), fields.get("last_run"))
    made = [parsed_operand("ranges", orjson.dumps(fields["ranges"]), "")] if fields.get("ranges") else []
    return work(fields.get("operands", ()), fields["do"], fields["experiment"], asked, made)


def _only(request: Request, *names: str) -> None:
    known = ", ".join(names) or "none"
    if unknown := {
        name[:100]: [f"unknown parameter; there is {known}"]
        for name in request.query_params
        if name not in names
    }:
        raise ValidationError(unknown)
