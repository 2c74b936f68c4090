"""The OpenAPI description of a Resource, from the same columns and filters that answer its requests."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from project.exports import FORMATS
from project.fields import VectorField
from project.filters import MOST_VALUES, TEXT, WHOLE_NUMBER, WITHOUT_COMMA, Kind, parameters
from project.paths import field_at
from project.problems import MEDIA_TYPE
from project.query import MOST_ROWS, PAGE_SIZE

Schema = dict[str, Any]
ARRAY = {"type": "array", "items": {"type": "number", "nullable": True}}
TYPES: tuple[tuple[type[models.Field], Schema], ...] = (
    (VectorField, ARRAY),
    (models.JSONField, {}),
    (models.BooleanField, {"type": "boolean"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.FloatField, {"type": "number"}),
    (models.IntegerField, {"type": "integer"}),
    (models.ForeignKey, {"type": "integer"}),
)
PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "the reasons by field",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
ERRORS = {
    "400": "a parameter is wrong; errors names it",
    "401": "sign in first, or the token is not good",
    "403": "not allowed",
    "406": "none of the media types in the Accept header; format= says better what is wanted",
    "429": "too many wrong tokens: wait as many seconds as Retry-After says",
}
NOT_THERE, CONFLICT = {"404": "not there"}, {"409": "it stands against what is there"}
BINARY: Schema = {"type": "string", "format": "binary"}
FORMAT = "a file holds the whole selection; it is made while it is sent. It goes before the Accept header"
AFTER = "id of the row after which to begin, in the order asked for: how a broken download goes on"
LINK: Schema = {"type": "string", "format": "uri", "nullable": True}


def field_schema(model: type[models.Model], path: str) -> Schema:
    """The type, help text and choices of the model field at ``path``."""
    field, nullable = field_at(model, path)
    schema = dict(next((schema for kind, schema in TYPES if isinstance(field, kind)), {"type": "string"}))
    if field.help_text:
        schema["description"] = str(field.help_text)
    if field.choices:
        schema["enum"] = [value for value, _ in field.choices] + ([None] if nullable else [])
    if nullable:
        schema["nullable"] = True
    return schema


def parameter(name: str, schema: Schema, description: str = "", where: str = "query") -> Schema:
    found: Schema = {"in": where, "name": name, "schema": schema}
    if description:
        found["description"] = description
    if schema.get("type") == "array":
        found |= {"style": "form", "explode": False}
    return {**found, "required": True} if where == "path" else found


class ResourceSchema(AutoSchema):
    """Describes ``list``, ``retrieve``, and further actions from the view's ``described``."""

    @property
    def resource(self) -> Any:
        return self.view

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema:
        self.path, self.path_regex, self.path_prefix, self.method, self.registry = (
            path, path_regex, path_prefix, method.upper(), registry,
        )  # fmt: skip
        problem = self._component("Problem", PROBLEM)
        schema, about = self._answer(self._item())
        responses: Schema = {"200": {"description": self._about_formats(), "content": self._contents(schema)}}
        for code, description in sorted(self._errors().items()):
            responses[code] = {"description": description, "content": {MEDIA_TYPE: {"schema": problem}}}
        return {
            "operationId": self.get_operation_id(),
            "description": about,
            "parameters": self._parameters_of_action(),
            "tags": self.get_tags(),
            "security": self.get_auth(),
            "responses": responses,
        }

    def _item(self) -> Schema:
        """One thing, in each of the forms in which JSON holds it."""
        forms = {self.resource.named(): self.resource.item_schema(), **self.resource.other_forms}
        described = [self._component(*form) for form in forms.items()]
        return {"anyOf": described} if len(described) > 1 else described[0]

    def _errors(self) -> dict[str, str]:
        """What can go wrong, by status."""
        of_one = NOT_THERE if "{id}" in self.path else {}
        of_writing = {} if self.method == "GET" else CONFLICT
        return ERRORS | of_one | of_writing | self.resource.action_errors.get(self.resource.action, {})

    def _formats(self) -> list[str]:
        """The formats of this action."""
        view = self.resource
        one = [name for name in view.formats if name not in FORMATS]
        return list(view.formats if view.action == "list" else view.action_formats.get(view.action, one))

    def _contents(self, schema: Schema) -> Schema:
        """What the answer is, by media type."""
        files = {FORMATS[name].media_type: {"schema": BINARY} for name in self._formats() if name in FORMATS}
        return {"application/json": {"schema": schema}, **files}

    def _about_formats(self) -> str:
        named = [f"{name}: {FORMATS[name].media_type}" for name in self._formats() if name in FORMATS]
        return "; ".join(["json: application/json", *named]) if named else ""

    def get_operation_id(self) -> str:
        return f"{self.resource.basename}_{self.resource.action}".replace("-", "_")

    def get_tags(self) -> list[str]:
        return [self.resource.basename]

    def _component(self, name: str, schema: Schema) -> Schema:
        made: Any = ResolvedComponent
        component = made(name=name, type=made.SCHEMA, schema=schema, object=name)
        self.registry.register_on_missing(component)
        return component.ref

    def _answer(self, item: Schema) -> tuple[Schema, str]:
        about, action = (type(self.resource).__doc__ or "").strip(), self.resource.action
        if action == "retrieve":
            return item, about
        if action == "list":
            properties = {"next": LINK, "previous": LINK, "results": {"type": "array", "items": item}}
            return {"type": "object", "required": list(properties), "properties": properties}, about
        return self.resource.described[action]

    def _parameters_of_action(self) -> list[Schema]:
        view = self.resource
        ident = parameter("id", view.key_schema, where="path")
        shape = [
            parameter("fields", several({"type": "string", "enum": list(view.columns)}), "only these"),
            parameter(
                "format", {"type": "string", "enum": self._formats(), "default": view.formats[0]}, FORMAT
            ),
        ]
        if view.action == "retrieve":
            return [ident, *shape]
        if view.action != "list":
            return [ident, *view.action_parameters.get(view.action, ())]
        return [*_page_parameters(view), *shape, *_filter_parameters(view)]


def _page_parameters(view: Any) -> list[Schema]:
    if not view.orderings:
        return []
    names = [sign + name for name in view.orderings for sign in ("", "-")]
    return [
        parameter("page_size", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": PAGE_SIZE}),
        parameter("cursor", {"type": "string", "minLength": 1}, "from next or previous"),
        parameter("after", {**WHOLE_NUMBER, "minimum": 0}, AFTER),
        parameter(
            "limit", {**WHOLE_NUMBER, "minimum": 1}, "at most so many rows of a file; pages have page_size"
        ),
        parameter("ordering", {"type": "string", "enum": names}),
    ]


def _filter_parameters(view: Any) -> list[Schema]:
    return [
        parameter(one.name, _listed(one.filter.kind) if one.lookup == "in" else dict(one.filter.kind.schema))
        for one in parameters(view.filters)
    ]


def several(schema: Mapping[str, Any], most: int | None = None) -> Schema:
    """Values separated by commas."""
    return {"type": "array", "items": dict(schema), "minItems": 1} | ({"maxItems": most} if most else {})


def _listed(kind: Kind) -> Schema:
    """One of a list cannot hold what separates them."""
    apart = {"pattern": WITHOUT_COMMA} if kind is TEXT else {}
    return several({**kind.schema, **apart}, MOST_VALUES)
