"""One list of the API and its single things: columns by name, read straight from the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.viewsets import GenericViewSet

from project.filters import Filter
from project.openapi import ResourceSchema, field_schema
from project.pagination import Page
from project.query import Query, read
from project.querysets import loading_file_ids
from project.renderers import OrjsonRenderer


class Resource(GenericViewSet):
    """Subclasses name ``model``, ``columns`` (name → path), ``filters`` and ``orderings`` (unique indexes).

    A list shows all columns but ``single`` and ``on_request``, a single thing all but ``on_request``;
    ``fields=`` names any of them.
    """

    model: ClassVar[type[Model]]
    columns: ClassVar[dict[str, str]]
    single: ClassVar[tuple[str, ...]] = ()
    on_request: ClassVar[tuple[str, ...]] = ()
    filters: ClassVar[dict[str, Filter]] = {}
    orderings: ClassVar[dict[str, tuple[str, ...]]] = {"id": ("id",)}
    came_from: ClassVar[str] = ""
    """Path of the file a row came from, where the model's own reads do not hide what is still loading."""
    formats: ClassVar[tuple[str, ...]] = ("json",)
    default_ordering: ClassVar[str] = "id"
    key_schema: ClassVar[dict[str, Any]] = {"type": "integer"}
    described: ClassVar[dict[str, tuple[dict[str, Any], str]]] = {}
    action_parameters: ClassVar[dict[str, tuple[dict[str, Any], ...]]] = {}

    renderer_classes = (OrjsonRenderer,)
    filter_backends = ()
    pagination_class = None
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"
    schema = ResourceSchema()

    @classmethod
    def named(cls) -> str:
        return cls.model.__name__

    @classmethod
    def item_schema(cls) -> dict[str, Any]:
        """The OpenAPI schema of one thing; a request may ask for some fields only, so none is required."""
        return {
            "type": "object",
            "properties": {n: field_schema(cls.model, path) for n, path in cls.columns.items()},
        }

    @classmethod
    def shown(cls, one: bool) -> tuple[str, ...]:
        hidden = cls.on_request if one else (*cls.on_request, *cls.single)
        return tuple(name for name in cls.columns if name not in hidden)

    @classmethod
    def visible(cls) -> QuerySet:
        queryset: Any = cls.model._default_manager.all()
        if hasattr(queryset, "visible"):
            return queryset.visible()
        hidden = loading_file_ids() if cls.came_from else []
        return queryset.exclude(**{f"{cls.came_from}_id__in": hidden}) if hidden else queryset

    def order_for(self, query: Query) -> str:
        """The ordering when none is asked for: the one whose index answers the filters."""
        return self.default_ordering

    def list(self, request: Request) -> Response:
        query = read(self, request.query_params)
        names, paths = self._needed(query)
        page = Page(query, self.orderings, self.order_for(query)).fetch(self.visible(), paths)
        results = [self.shape(_row(names, paths, row), query) for row in page.rows]
        return Response(
            {"next": self._link(page.next), "previous": self._link(page.previous), "results": results}
        )

    def retrieve(self, request: Request, id: str) -> Response:
        query = read(self, request.query_params, one=True)
        names, paths = self._needed(query)
        row = self.visible().filter(pk=self.key(id)).values_list(*paths).first()
        if row is None:
            raise Http404
        return Response(self.shape(_row(names, paths, row), query))

    def _needed(self, query: Query) -> tuple[dict[str, str], Sequence[str]]:
        names = {name: self.columns[name] for name in self.needed(query)}
        return names, [*dict.fromkeys(names.values())]

    def needed(self, query: Query) -> tuple[str, ...]:
        """The columns to read for what ``query`` wants to see."""
        return query.fields

    def shape(self, row: dict[str, Any], query: Query) -> dict[str, Any]:
        """One thing as it is shown."""
        return {name: exact(value) for name, value in row.items()}

    @staticmethod
    def key(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise Http404
        return int(text)

    def _link(self, token: str | None) -> str | None:
        uri = self.request.build_absolute_uri()
        return token and replace_query_param(uri, "cursor", token)


def same(names: str) -> dict[str, str]:
    """Columns that are called what the model's fields are called."""
    return {name: name for name in names.split()}


def _row(names: dict[str, str], paths: Sequence[str], values: tuple) -> dict[str, Any]:
    """The values by name; two names may share a path, which is read once."""
    if len(names) == len(paths):
        return dict(zip(names, values, strict=True))
    by_path = dict(zip(paths, values, strict=True))
    return {name: by_path[path] for name, path in names.items()}


def exact(value: Any) -> Any:
    """Single precision as double: its shortest text would be another number to whoever reads it as double."""
    return value.astype("<f8") if isinstance(value, np.ndarray) and value.dtype == np.float32 else value
