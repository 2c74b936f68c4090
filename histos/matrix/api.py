"""``GET monitoring-elements/<id>/matrix/``: one element over a range of lumisections, in one streamed answer."""

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from histos.matrix import WRITERS, Plan, Stored, WrongChoice, plan_of
from histos.matrix import query as matrix_query
from project.exports import FORMATS
from project.exports.response import Streamed
from project.exports.snapshot import snapshot
from project.openapi import Schema, parameter

WHOLE: Schema = {"type": "integer"}
DESCRIBED: Schema = {
    "type": "object",
    "properties": {
        "element": {"type": "object"},
        "dataset": {"type": "string"},
        "shape": {"type": "array", "items": WHOLE, "description": "of one histogram, slowest axis first"},
        "cells": {"type": "string"},
        "edges_x": {"type": "array", "items": {"type": "number"}},
        "selection": {"type": "string", "description": "hash of the rows chosen; the ETag"},
        "rows_selected": WHOLE,
        "rows": {**WHOLE, "description": "from after on, at most limit"},
        "rows_missing": {**WHOLE, "description": "of these rows, those without a histogram"},
        "next": {"type": "string", "nullable": True, "description": "where to go on, when limit cuts it off"},
    },
}
ABOUT = (
    "One element over a range of lumisections as a matrix: a row per lumisection in order of run and number, flow bins "
    "included, made while it is sent. The ETag is a hash of the rows chosen; sent back as If-Match it makes sure that "
    "what comes after= belongs to what came before."
)
IF_MATCH = parameter("If-Match", {"type": "string"}, "an ETag; 412 when the rows are others by now", "header")


class Changed(APIException):
    """The rows are no longer those that the one who asks has seen."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "the rows chosen are others than those of If-Match: begin again"


class GivesMatrix:
    """The action ``matrix`` of monitoring elements."""

    described: ClassVar = {"matrix": (DESCRIBED, ABOUT)}
    action_formats: ClassVar = {"matrix": ("json", *WRITERS)}
    action_parameters: ClassVar = {"matrix": (*matrix_query.described_parameters(), IF_MATCH)}
    action_errors: ClassVar = {"matrix": {"412": "the rows are no longer those of If-Match"}}
    visible: Any
    key: Any

    @action(detail=True)
    def matrix(self, request: Request, id: str) -> HttpResponseBase:
        values = matrix_query.read(request.query_params)
        element = self.visible().filter(pk=self.key(id)).first()
        if element is None:
            raise Http404
        try:
            choice = matrix_query.choice(element, values)
            plan = plan_of(choice)
        except WrongChoice as error:
            raise ValidationError({error.name: [error.reason]}) from error
        etag = f'"{plan.selection}"'
        answer: Any = get_conditional_response(request, etag=etag)
        if answer is not None and answer.status_code == status.HTTP_412_PRECONDITION_FAILED:
            raise Changed
        if answer is None:
            matrix = Stored(choice, matrix_query.cut(plan, values), matrix_query.dtype(values))
            answer = _answer(request, matrix, values)
        answer.headers["ETag"] = etag
        return answer


def _answer(request: Request, matrix: Stored, values: Mapping[str, Any]) -> HttpResponseBase:
    rest = _rest(request, matrix.plan)
    if values.get("format", "json") == "json":
        return Response({
            **matrix.description, **matrix.edges, "rows": len(matrix.plan), "rows_missing": matrix.plan.n_missing,
            "next": rest,
        })  # fmt: skip
    chosen = FORMATS[values["format"]]
    name = f"matrix-{matrix.choice.element.pk}.{chosen.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if rest:
        headers["Link"] = f'<{rest}>; rel="next"'
    parts = _parts(matrix, values["format"], empty=request.method == "HEAD")
    return Streamed(parts, content_type=chosen.media_type, headers=headers)


def _rest(request: Request, plan: Plan) -> str | None:
    """Where the rows after these are asked for; None where there are none."""
    if not plan.last or not plan.is_to_be_continued:
        return None
    run, lumisection = plan.last
    return str(replace_query_param(request.build_absolute_uri(), "after", f"{run}:{lumisection}"))


def _parts(matrix: Stored, format_: str, *, empty: bool) -> Generator[bytes]:
    if empty:
        return
    with snapshot():
        yield from filter(None, WRITERS[format_](matrix))
