"""One lumisection: what was measured in it, and what was said of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.access import reader_required
from runs.models import Certification, Lumisection
from runs.views.found import MOST_CERTIFICATIONS, lumisection_at, run_at, with_states


@require_safe
@reader_required
def lumisection(request: HttpRequest, experiment: str, number: int, ls: int) -> HttpResponse:
    found = lumisection_at(run_at(experiment, number), ls)
    before, after = Lumisection.objects.neighbours(found.run_id, ls)
    said = Certification.objects.visible().filter(run=found.run_id).covering(ls)
    bits = {name: value for name, value in found.flags.items() if isinstance(value, bool)}
    context: dict[str, Any] = {
        "lumisection": found, "run": found.run, "before": before, "after": after, "bits": bits,
        "others": {name: value for name, value in found.flags.items() if name not in bits},
        "certifications": with_states(said.order_by("flag", "id")[:MOST_CERTIFICATIONS]),
    }  # fmt: skip
    return render(request, "runs/lumisection.html", context)
