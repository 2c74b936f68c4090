"""Files over the API: what was loaded, and what was wrong in it."""

from typing import ClassVar

from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request

from project.filters import INTEGER, MOMENT, RANGE, Filter, one_of
from project.models import FileProblem, SourceFile
from project.resource import Resource, same


class ProblemResource(Resource):
    """Rows of a file that were not stored, with line and reason."""

    model = FileProblem
    columns: ClassVar = same("id line kind reason")
    filters: ClassVar = {
        "line": Filter("line", INTEGER, RANGE),
        "kind": Filter("kind", one_of(*FileProblem.Kind.values)),
    }


class FileResource(Resource):
    """Files that were loaded, with how many of their rows are stored, known, in conflict and rejected."""

    model = SourceFile
    columns: ClassVar = same(
        "id name size sha256 reader options state position progress stored known conflicts rejected error "
        "created finished"
    )
    filters: ClassVar = {
        "name": Filter("name"),
        "sha256": Filter("sha256"),
        "reader": Filter("reader"),
        "state": Filter("state", one_of(*SourceFile.State.values)),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    default_ordering: ClassVar = "-id"
    described: ClassVar = {
        "problems": (
            {
                "type": "object",
                "properties": {"results": {"type": "array", "items": ProblemResource.item_schema()}},
            },
            "Rows of this file that were not stored, with line and reason; pages as in any list.",
        )
    }

    action_formats: ClassVar = {"problems": ProblemResource.formats}

    @action(detail=True)
    def problems(self, request: Request, id: str) -> HttpResponseBase:
        file = self.key(id)
        if not self.visible().filter(pk=file).exists():
            raise Http404
        rows = ProblemResource(request=request, basename="file-problems")
        return rows.answer(request, rows.visible().filter(file_id=file), f"file-{file}-problems")
