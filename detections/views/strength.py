"""How strong a fault must be to be seen, by kind and detector: the page of one comparison."""

from typing import Any

import orjson
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from detections.comparison.reach import AT, WANTED
from detections.models import Comparison
from detections.strength.curves import Curves
from detections.views.comparisons import of_set
from project.access import reader_required


@require_safe
@reader_required
def strength(request: HttpRequest, pk: int) -> HttpResponse:
    """Curves of every kind; ``detector`` in the address, once or several times, says which are drawn."""
    rows = Comparison.objects.annotate(measured=KeyTextTransform("strength", "results")).select_related(
        "sample_set"
    )
    found: Any = get_object_or_404(rows.only("params", "created", *of_set()), pk=pk)
    curves = Curves(
        orjson.loads(found.measured or "{}"),
        float(found.params.get("far") or 0.01),
        request.GET.getlist("detector"),
    )
    context = {
        "comparison": found,
        "curves": curves,
        "plots": [(kind, curves.sentence(kind), curves.plot(kind)) for kind in curves.kinds],
        "rows": curves.rows,
        "at": AT,
        "wanted": WANTED,
    }
    return render(request, "detections/strength.html", context)
