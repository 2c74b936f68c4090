"""``GET sample-sets/<id>/matrix/``: the histograms of a set as a model from outside is to see them."""

from collections.abc import Generator
from typing import Any, ClassVar

import numpy as np
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from detections.models import SampleSet
from detections.sets.matrix import MOST_VALUES, OfSet, part_of
from histos.matrix import WRITERS
from histos.matrix.api import IF_MATCH, Changed
from histos.models import MonitoringElement
from project.errors import UserError
from project.exports import FORMATS
from project.exports.response import Streamed
from project.filters import TEXT, Filter, one_of, parameters, read_strictly
from project.openapi import Schema, parameter

KINDS = {
    "element": (TEXT, "needed where the set has several"),
    "dtype": (one_of("float64", "float32"), "of counts; default: float64"),
    "format": (one_of("json", *WRITERS), "json tells what the others hold"),
}
KNOWN = {
    one.name: one
    for one in parameters({name: Filter(name, kind, ("",)) for name, (kind, _) in KINDS.items()})
}
DESCRIBED: Schema = {
    "type": "object",
    "properties": {
        "sample_set": {"type": "string"},
        "element": {"type": "string"},
        "rows": {"type": "integer"},
    },
}
ABOUT = (
    "The histograms of a set, as detectors see them: with the anomalies that were injected, without saying which. "
    "Columns role (1: fit on it, 2: score it, 3: both) and fold say what may be learnt from. Scores go to trials/."
)


class GivesSetMatrix:
    """The action ``matrix`` of sample sets."""

    described: ClassVar = {"matrix": (DESCRIBED, ABOUT)}
    action_formats: ClassVar = {"matrix": ("json", *WRITERS)}
    action_parameters: ClassVar = {
        "matrix": (
            *(parameter(name, dict(kind.schema), about) for name, (kind, about) in KINDS.items()),
            IF_MATCH,
        )
    }
    action_errors: ClassVar = {"matrix": {"412": "the set is another than that of If-Match"}}
    visible: Any
    key: Any

    @action(detail=True)
    def matrix(self, request: Request, id: str) -> HttpResponseBase:
        values = read_strictly(request.query_params, KNOWN)
        found = self.visible().filter(pk=self.key(id)).select_related("parent").first()
        if found is None:
            raise Http404
        etag = f'"{found.hash}"'
        answer: Any = get_conditional_response(request, etag=etag)
        if answer is not None and answer.status_code == status.HTTP_412_PRECONDITION_FAILED:
            raise Changed
        if answer is None:
            answer = _answer(request, _opened(found, values), values.get("format", "json"))
        answer.headers["ETag"] = etag
        return answer


def _opened(sample_set: SampleSet, values: dict[str, Any]) -> OfSet:
    name = values.get("element", "")
    _check_size(sample_set, name)
    try:
        part = part_of(sample_set, name)
    except UserError as error:
        raise ValidationError({"element": [str(error)]}) from error
    return OfSet(sample_set, part, np.dtype(values.get("dtype", "float64")))


def _check_size(sample_set: SampleSet, name: str) -> None:
    """An element has about as many histograms in a set as any other."""
    labels = (sample_set.parent or sample_set).recipe.get("elements", ())
    names = [name] if name else [label.rpartition("@")[0] for label in labels]
    axes = MonitoringElement.objects.filter(name__in=names).values_list("axes", flat=True)
    cells = max((int(np.prod([axis["bins"] + 2 for axis in one])) for one in axes), default=0)
    n = sample_set.n_samples // max(len(labels), 1)
    if n * cells > MOST_VALUES:
        reason = f"some {n:,} histograms of {cells:,} cells are too many for one answer"
        raise ValidationError({"element": [f"{reason}: open the set in a notebook of the site"]})


def _answer(request: Request, matrix: OfSet, format_: str) -> HttpResponseBase:
    if format_ == "json":
        return Response({**matrix.description, **matrix.edges})
    chosen = FORMATS[format_]
    name = f"sample-set-{matrix.sample_set.pk}.{chosen.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    parts = _parts(matrix, format_, empty=request.method == "HEAD")
    return Streamed(parts, content_type=chosen.media_type, headers=headers)


def _parts(matrix: OfSet, format_: str, *, empty: bool) -> Generator[bytes]:
    if not empty:
        yield from filter(None, WRITERS[format_](matrix))
