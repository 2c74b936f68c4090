"""One list of the API and its single things: columns by name, read straight from the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
from django.db.models import Model, QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.viewsets import GenericViewSet

from project.exports.response import download
from project.exports.rows import Selected, Shaped
from project.filters import Filter
from project.models import SourceFile
from project.openapi import ResourceSchema, field_schema
from project.pagination import Page
from project.query import Query, read
from project.renderers import FormatFirst, OrjsonRenderer
from project.selection import Selection
from project.shapes import known
from project.stored import converted, rows_of

TABLE_FORMATS = ("csv", "parquet", "arrow")


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
    values: ClassVar[dict[str, Callable[[Any], Any]]] = {}
    """What makes the value that is shown of a column out of the one that is stored; None stays None."""
    formats: ClassVar[tuple[str, ...]] = ("json", *TABLE_FORMATS)
    other_forms: ClassVar[dict[str, dict[str, Any]]] = {}
    """What else JSON may hold instead of an object of columns, as OpenAPI describes it, by name."""
    default_ordering: ClassVar[str] = "id"
    key_schema: ClassVar[dict[str, Any]] = {"type": "integer"}
    described: ClassVar[dict[str, tuple[dict[str, Any], str]]] = {}
    action_parameters: ClassVar[dict[str, tuple[dict[str, Any], ...]]] = {}
    action_formats: ClassVar[dict[str, tuple[str, ...]]] = {}
    action_errors: ClassVar[dict[str, dict[str, str]]] = {}
    """What else can go wrong with an action, by status."""

    renderer_classes = (OrjsonRenderer,)
    content_negotiation_class = FormatFirst
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
        if not cls.came_from:
            return queryset
        loading = SourceFile.objects.filter(state=SourceFile.State.LOADING).values("id")
        return queryset.exclude(**{f"{cls.came_from}_id__in": loading})

    def order_for(self, query: Query) -> str:
        """The ordering when none is asked for: the one whose index answers the filters."""
        return self.default_ordering

    def list(self, request: Request) -> HttpResponseBase:
        return self.answer(request, all_visible(type(self)), self.basename)

    def answer(self, request: Request, visible: QuerySet, name: str) -> HttpResponseBase:
        """What ``request`` asks of ``visible``: one page, or all of it as a file called ``name``."""
        query = read(self, request.query_params)
        if query.is_export:
            return self._export(request, query, visible, name)
        paths = self._paths(query)
        page = Page(query, self.orderings, self.order_for(query)).fetch(visible, paths)
        results = self.shaped(query, paths, page.rows)
        return Response(
            {"next": self._link(page.next), "previous": self._link(page.previous), "results": results}
        )

    def _export(self, request: Request, query: Query, visible: QuerySet, name: str) -> HttpResponseBase:
        selection = Selection(query, self.orderings, self.order_for(query), visible)
        if selection.start is not None and selection.start.back:
            raise ValidationError(
                {"cursor": ["leads backwards: an export goes forwards, from a next or after="]}
            )
        # What ``shape`` hides is hidden in files too.
        kind = Selected if type(self).shape is Resource.shape else Shaped
        return download(kind(self, query, selection), query.format, name, empty=request.method == "HEAD")

    def in_common(self, texts: dict[str, str]) -> dict[str, np.ndarray]:
        """Further arrays of an npz, from columns that have one value in all its rows."""
        return {}

    def retrieve(self, request: Request, id: str) -> Response:
        query = read(self, request.query_params, one=True)
        paths = self._paths(query)
        rows = rows_of(self.visible().filter(pk=self.key(id)), paths)
        if not rows:
            raise Http404
        return Response(self.shaped(query, paths, rows)[0])

    def _paths(self, query: Query) -> Sequence[str]:
        return [*dict.fromkeys(self.columns[name] for name in self.needed(query))]

    def needed(self, query: Query) -> tuple[str, ...]:
        """The columns to read for what ``query`` wants to see."""
        return query.fields

    def shaped(self, query: Query, paths: Sequence[str], rows: Sequence[tuple]) -> Sequence[dict[str, Any]]:
        """Rows with the values at ``paths`` as they are shown; two names may share a path, which is read once."""
        if not rows:
            return []
        by_path = dict(zip(paths, zip(*rows, strict=True), strict=True))
        names = self.needed(query)
        columns = [self._shown(name, by_path[self.columns[name]]) for name in names]
        return [self.shape(dict(zip(names, row, strict=True)), query) for row in zip(*columns, strict=True)]

    def _shown(self, name: str, stored: Sequence[Any]) -> Sequence[Any]:
        if name not in self.values:
            return stored
        # Rows share what they were read from: see ``stored``.
        once = {id(value): value for value in stored}
        shown = dict(zip(once, converted([*once.values()], self.values[name]), strict=True))
        return [shown[id(value)] for value in stored]

    def shape(self, row: dict[str, Any], query: Query) -> dict[str, Any]:
        """One thing as it is shown, where it is more than its columns; what this hides no file shows either."""
        return row

    @staticmethod
    def key(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise Http404
        return int(text)

    def _link(self, token: str | None) -> str | None:
        if token is None:
            return None
        uri = remove_query_param(self.request.build_absolute_uri(), "after")
        return replace_query_param(uri, "cursor", token)


@cache
def all_visible(resource: type[Resource]) -> QuerySet:
    """What everybody may see of a resource: made once, so that the statements made of it can be kept."""
    return known(resource.visible(), resource)


def same(names: str) -> dict[str, str]:
    """Columns that are called what the model's fields are called."""
    return {name: name for name in names.split()}
