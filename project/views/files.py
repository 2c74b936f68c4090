"""Pages of the files that were loaded, and of what was wrong in them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from project.access import reader_required, role_required
from project.errors import UserError
from project.files_api import FileResource, ProblemResource
from project.listing import Listing
from project.models import SourceFile
from project.reloading import hindrance, is_being_loaded, load_again

SHOWN = (
    "id", "name", "size", "reader", "state", "position", "progress", "stored", "known", "conflicts", "rejected",
    "error", "created",
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
    loading = found.state == SourceFile.State.LOADING
    context = {
        "file": found,
        "listing": problems,
        "dead": loading and not is_being_loaded(found),
        "hindrance": hindrance(found),
    }
    return render(request, "file.html", context, status=problems.status)


@require_POST
@role_required("expert")
def reload_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Load the file once more, as it was loaded: the page of the job says what becomes of it."""
    found = get_object_or_404(SourceFile, pk=pk)
    try:
        job = load_again(found, request.user, request.POST.get("policy", "keep"))
    except UserError as error:
        messages.error(request, str(error))
        return redirect("file", pk)
    return redirect("job", job.pk)
