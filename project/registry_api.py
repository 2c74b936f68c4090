"""Lists of the API that come from a registry in the code, not from a table."""

from typing import Any, ClassVar

from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from project.exports.response import download
from project.exports.rows import Listed
from project.query import Query, read
from project.resource import Resource


class Registry(Resource):
    """Subclasses name their ``columns``, say what ``entries`` there are and ``find`` one by its name."""

    orderings: ClassVar[dict[str, tuple[str, ...]]] = {}
    key_schema: ClassVar[dict[str, Any]] = {"type": "string"}
    title: ClassVar[str]
    properties: ClassVar[dict[str, dict[str, Any]]]

    def entries(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def find(self, name: str) -> dict[str, Any] | None:
        return next((entry for entry in self.entries() if entry["name"] == name), None)

    @classmethod
    def named(cls) -> str:
        return cls.title

    @classmethod
    def item_schema(cls) -> dict[str, Any]:
        return {"type": "object", "properties": cls.properties}

    def list(self, request: Request) -> HttpResponseBase:
        query = read(self, request.query_params)
        results = [self.shape(entry, query) for entry in self.entries()]
        if query.is_export:
            things = Listed(self, query, results)
            return download(things, query.format, self.basename, empty=request.method == "HEAD")
        return Response({"next": None, "previous": None, "results": results})

    def retrieve(self, request: Request, id: str) -> Response:
        query = read(self, request.query_params, one=True)
        entry = self.find(id)
        if entry is None:
            raise Http404
        return Response(self.shape(entry, query))

    def shape(self, row: dict[str, Any], query: Query) -> dict[str, Any]:
        return {name: row[name] for name in query.fields}
