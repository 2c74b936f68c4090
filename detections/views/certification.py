"""The page of certification: what to look at first, and what people proposed."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from detections.proposals.api import ProposalResource
from detections.proposals.worklist import ORDERS, Asked, Interval, Worklist, current_trials, worklist
from detections.proposals.worklist_api import WorklistParameters, asked_for
from project.access import reader_required
from project.filters import parameters
from project.listing import Listing

ROWS = 20
COLUMNS = (
    "id", "experiment", "run", "simulated", "flag", "state", "first", "last", "ranges", "cause", "user", "decided_by",
    "self_signed", "created",
)  # fmt: skip
FILTERS = {"state": "State", "flag": "Flag", "run": "Run", "user": "Proposed by"}
OF_WORKLIST = tuple(one.name for one in parameters(WorklistParameters.filters) if one.name != "flag")


@require_safe
@reader_required
def certification(request: HttpRequest) -> HttpResponse:
    """The worklist and the proposals, as the address asks."""
    asked, found, errors = _worklist(request.GET)
    trials = current_trials() if asked.trials or errors else found.trials
    listing = Listing(ProposalResource, request.GET, COLUMNS, filters=FILTERS, own=OF_WORKLIST)
    context = {
        "asked": asked, "errors": errors, "orders": ORDERS, "trials": trials, "listing": listing,
        "chosen": asked.trials[0] if len(asked.trials) == 1 else None,
        "intervals": [_shown(one, asked) for one in found.intervals[:ROWS]], "total": len(found.intervals),
        "cut": found.cut, "most": ROWS,
    }  # fmt: skip
    return render(request, "detections/certification.html", context, status=400 if errors else listing.status)


def _worklist(params: QueryDict) -> tuple[Asked, Worklist, dict[str, str]]:
    """What is asked and found; and what is wrong with the parameters, with nothing found."""
    given = QueryDict(mutable=True)
    for name in (*OF_WORKLIST, "flag"):
        if params.get(name, "").strip():
            given[name] = params.get(name, "")
    try:
        asked = asked_for(given)
        found = worklist(asked)
        missing = sorted(set(asked.trials) - {trial["id"] for trial in found.trials})
        wrong = {"trial": f"no trial {missing[0]} scored histograms"} if missing else {}
        return asked, found, wrong
    except ValidationError as error:
        reasons: Any = error.detail
        wrong = {name: " ".join(map(str, why)) for name, why in reasons.items()}
    return Asked(), Worklist([], []), wrong


def _shown(one: Interval, asked: Asked) -> dict[str, Any]:
    """An interval with the addresses of what can be done with it."""
    here = {"first": one.first, "last": one.last, "trial": min(one.trials)}
    run = reverse("run", args=[one.run.experiment, one.run.number])
    proposing = {
        "experiment": one.run.experiment,
        "run": one.run.number,
        "flag": asked.flag,
        "status": "BAD",
        **here,
    }
    return {
        "one": one, "run_url": f"{run}?{urlencode(here)}",
        "propose_url": f"{reverse('propose')}?{urlencode(proposing)}", "detectors": sorted(set(one.trials.values())),
    }  # fmt: skip
