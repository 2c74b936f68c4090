"""Pages of sources."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.access import reader_required


@require_safe
@reader_required
def sources(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
