"""What certification adds to the pages of runs: to propose a flag for the range chosen, and what was proposed of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from detections.models import Proposal
from project.asked import objects
from project.slots import fill
from runs.models import Run

MOST = 12


def fill_with_proposals() -> None:
    """Called once, when the app is ready."""
    fill("run.range", proposals_of_range)


def proposals_of_range(
    request: HttpRequest, run: Run, first: int | None, last: int | None, **about: Any
) -> SafeString:
    """One query: the newest proposals that say something of the range, and where to propose another."""
    start = first or 1

    def build() -> QuerySet:
        return Proposal.objects.filter(run=run).overlapping(start, last).order_by("-id")[:MOST]

    place = (run.pk, start) if last is None else (run.pk, start, last)
    asked: dict[str, Any] = {
        "experiment": run.experiment,
        "run": run.number,
        "first": first or "",
        "last": last or "",
    }
    seen = {name: request.GET[name] for name in ("flag", "trial") if request.GET.get(name, "none") != "none"}
    context = {
        "proposals": objects("proposals of range", place, build, Proposal), "run": run, "first": first, "last": last,
        "propose_url": f"{reverse('propose')}?{urlencode(asked | seen)}",
    }  # fmt: skip
    return SafeString(render_to_string("detections/range_proposals.html", context, request))
