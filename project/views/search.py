"""The search box's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from project.access import reader_required
from project.search import EXAMPLES, LONGEST, search


@require_safe
@reader_required
def search_page(request: HttpRequest) -> HttpResponse:
    """What was typed: gone to at once where it names one thing, else listed."""
    text = request.GET.get("q", "")
    hits = search(text)
    exact = [hit for hit in hits if hit.exact]
    if len(exact) == 1:
        return redirect(exact[0].url)
    context = {"search_text": text.replace("\0", "")[:LONGEST].strip(), "hits": hits, "examples": EXAMPLES}
    return render(request, "search.html", context)
