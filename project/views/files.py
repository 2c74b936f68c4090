"""Pages of the files that were loaded, and of what was wrong in them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from project.access import reader_required
from project.files_api import FileResource, ProblemResource
from project.listing import Listing
from project.models import SourceFile

SHOWN = (
    "id", "name", "size", "reader", "state", "position", "stored", "known", "conflicts", "rejected", "error", "created",
)  # fmt: skip
FILTERS = {"name": "Name", "reader": "Reader", "state": "State", "created__gte": "Since"}


@require_safe
@reader_required
def files(request: HttpRequest) -> HttpResponse:
    listing = Listing(FileResource, request.GET, SHOWN, filters=FILTERS)
    busy = any(row["state"] == SourceFile.State.LOADING for row in listing.rows)
    return render(request, "files.html", {"listing": listing, "busy": busy}, status=listing.status)


@require_safe
@reader_required
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: how it was read, what became of its rows, and every row that was not stored, with line and reason."""
    found = get_object_or_404(SourceFile, pk=pk)
    problems = Listing(
        ProblemResource,
        request.GET,
        ("line", "kind", "reason"),
        filters={"kind": "Kind", "line__gte": "From line"},
        rows=ProblemResource.visible().filter(file=found),
        page_size=100,
    )
    context = {"file": found, "listing": problems}
    return render(request, "file.html", context, status=problems.status)
