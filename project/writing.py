"""Writing over the API: what resources that write share, and how the description tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from project.bodies import Body
from project.openapi import ResourceSchema, Schema, parameter
from project.problems import MEDIA_TYPE

JSON, FORM = "application/json", "multipart/form-data"
REFUSALS = {
    "400": "a field is wrong; errors names it",
    "401": "sign in first, or the token is not good",
    "403": "not allowed",
    "405": "not a method of this address",
    "413": "too large",
    "415": "not a type of body that is taken here",
}


class Conflict(APIException):
    """What is there already stands against what is asked for."""

    status_code = status.HTTP_409_CONFLICT


@dataclass(frozen=True)
class Write:
    """A writing action: what it takes by media type, and what it answers by status (Job for 202, else the thing)."""

    about: str
    bodies: Mapping[str, tuple[type[Body], ...]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


class Writing:
    """What resources that write share. ``writes`` describes each writing action."""

    writes: ClassVar[Mapping[str, Write]] = {}
    basename: str
    schema: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """As ever; then a parameter is refused where something is written, before it is written."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method not in SAFE_METHODS and request.query_params:
            raise ValidationError(
                {name[:100]: ["a request that writes takes no parameter"] for name in request.query_params}
            )

    def existing(self, id: str) -> Any:
        """The row at this address, or 404."""
        resource: Any = self
        row = resource.visible().filter(pk=resource.key(id)).first()
        if row is None:
            raise Http404
        return row

    def made(self, row: Any, new: bool) -> Response:
        """The answer to who made something: 201, the thing and its address; 200 where it was there already."""
        resource: Any = self
        answer: Response = resource.retrieve(resource.request, str(row.pk))
        answer.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        answer.headers["Location"] = reverse(f"{self.basename}-detail", args=[row.pk])
        return answer


class WritingSchema(ResourceSchema):
    """Describes the actions in the view's ``writes`` beside what every resource has."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        write = self._write()
        if write is None:
            return operation
        if write.bodies:
            content = {kind: {"schema": self._body(bodies)} for kind, bodies in write.bodies.items()}
            operation["requestBody"] = {"required": True, "content": content}
        problem = operation["responses"]["400"]["content"]
        detail = {"404": "not there"} if self._is_detail() else {}
        operation["responses"] = {
            code: {"description": about, "content": self._content(code, problem)}
            for code, about in sorted({**REFUSALS, **detail, **write.answers}.items())
        }
        return operation

    def _write(self) -> Write | None:
        writes: Mapping[str, Write] = getattr(self.resource, "writes", {})
        return writes.get(self.resource.action)

    def _is_detail(self) -> bool:
        return "{id}" in self.path

    def _body(self, bodies: tuple[type[Body], ...]) -> Schema:
        refs: list[Schema] = [self.resolve_serializer(body(), "request").ref for body in bodies]
        return refs[0] if len(refs) == 1 else {"oneOf": refs}

    def _content(self, code: str, problem: Schema) -> Schema:
        if code not in ("200", "201", "202"):
            return {MEDIA_TYPE: problem[MEDIA_TYPE]}
        name = "Job" if code == "202" else self.resource.named()
        return {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    def _answer(self, item: Schema) -> tuple[Schema, str]:
        write = self._write()
        return (item, write.about) if write else super()._answer(item)

    def _parameters_of_action(self) -> list[Schema]:
        if self._write() is None:
            return super()._parameters_of_action()
        return [parameter("id", self.resource.key_schema, where="path")] if self._is_detail() else []
