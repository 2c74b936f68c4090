"""Pages of comparisons: which detector to trust on these data."""

import csv
from typing import Any

import orjson
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from detections.comparison_table import table
from detections.models import Comparison
from detections.presenting import Shown
from project.access import reader_required
from project.exports.comma import guarded

SET = ("name", "world", "simulated", "n_samples", "n_scores", "n_groups", "split", "hash", "classes")
"""Of a sample set, what a page shows: its keys and truth can be megabytes."""
LISTED = 100


def newest() -> QuerySet[Comparison]:
    """The comparisons, newest first, without the results but for the first sentence."""
    rows = Comparison.objects.annotate(sentence=F("results__sentences__0")).select_related("sample_set")
    return rows.only("created", "params", *of_set()).order_by("-id")


def of_set() -> list[str]:
    return [f"sample_set__{name}" for name in SET]


@require_safe
@reader_required
def comparisons(request: HttpRequest) -> HttpResponse:
    rows = list(newest()[:LISTED])
    return render(request, "detections/comparisons.html", {"comparisons": rows, "listed": LISTED})


@require_safe
@reader_required
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Which detector to trust on these data."""
    # The curves make it a megabyte, which the decoder of the field takes three times as long to read.
    rows = Comparison.objects.annotate(text=Cast("results", TextField())).select_related("sample_set")
    found: Any = get_object_or_404(rows.only("params", "created", *of_set()), pk=pk)
    asked = (request.GET.get(name, "") for name in ("class", "sort", "kind"))
    shown = Shown(orjson.loads(found.text), *asked)
    return render(request, "detections/comparison.html", {"comparison": found, "shown": shown})


@require_safe
@reader_required
def comparison_csv(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Comparison, pk=pk)
    name = f"comparison-{pk}.csv"
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    csv.writer(answer).writerows([_cell(value) for value in row] for row in table(found.results))
    return answer


def _cell(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value
