"""Pages that propose: a range of one run, what trials say of many, a file of ranges."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import APIException, ValidationError

from detections.models import Proposal
from detections.page_forms import Box, Form
from detections.proposals.bodies import STATUSES, FromFileBody, ProposalBody
from detections.proposals.change import Change
from detections.proposals.proposing import Made, from_file, from_range, refusals
from detections.proposals.reason_codes import reason_codes
from detections.verdicts.choice import MOST_TRIALS, scoring_trials
from project.access import role_required
from runs.golden.reading import usual_experiment
from runs.models import Run

FLAGS = (
    "golden", "tracker", "pixel", "strip", "tracking", "ecal", "hcal", "muon", "dt", "csc", "rpc", "egamma", "jetmet",
)  # fmt: skip
"""Those that are offered; any other can be typed."""


def said_boxes(flag: str = "") -> list[Box]:
    """What is said with every proposal."""
    return [
        Box("flag", "Flag", value=flag or "golden", help="golden, pixel, strip, … or another name"),
        Box("cause", "Reason code", "select", "", "of what is not good", choices=("", *reason_codes())),
        Box("comment", "Comment", "prose"),
        Box("client_key", "", "hidden", secrets.token_hex(8)),
    ]


def range_boxes(given: QueryDict) -> list[Box]:
    flag, cause, comment, key = said_boxes(given.get("flag", ""))
    status = given.get("status", "BAD")
    return [
        Box("experiment", "Experiment", value=given.get("experiment") or usual_experiment(), required=True),
        Box("run", "Run", "number", given.get("run", ""), required=True),
        Box("first", "First lumisection", "number", given.get("first", ""), "empty: from the first"),
        Box("last", "Last lumisection", "number", given.get("last", ""), "empty: to the end of the run"),
        flag,
        Box("status", "Status", "select", status if status in STATUSES else "BAD", choices=STATUSES, required=True),
        cause,
        comment,
        _trials(given.get("trial", "")),
        key,
    ]  # fmt: skip


def _trials(given: str) -> Box:
    """The newest trials that scored lumisections, and the one whose scores were looked at."""
    rows = scoring_trials().select_related("sample_set").order_by("-id")
    named = rows.filter(pk=int(given)) if given.isascii() and given.isdigit() and len(given) < 19 else ()
    called = {str(trial.pk): f"{trial} ({trial.pk})" for trial in (*named, *rows[:MOST_TRIALS])}
    return Box(
        "trial", "Trial looked at", "select", given if given in called else "", "whose scores speak for it, if any",
        choices=("", *called), called=called,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@role_required("shifter")
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a status for a range of one run, or for the whole run."""
    post = request.POST if request.method == "POST" else None
    form = Form(range_boxes(request.GET), post)
    if post is not None:
        made = _made(form, request, ProposalBody, from_range)
        if made is not None:
            return redirect("proposal", made[0][0].pk)
    typed = post if post is not None else request.GET
    run = _run(typed)
    context = {
        "form": form, "run": run, "change": _change(run, typed), "codes": reason_codes(), "flags": FLAGS,
    }  # fmt: skip
    return render(request, "detections/propose.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@role_required("shifter")
def propose_file(request: HttpRequest) -> HttpResponse:
    """Propose the ranges of a file."""
    post = request.POST if request.method == "POST" else None
    boxes = [
        Box("file", "File", "file", required=True),
        Box("experiment", "Experiment", value=usual_experiment()),
        *said_boxes(),
    ]
    form = Form(boxes, post)
    if post is not None:
        file = request.FILES.get("file")
        made = _made(form, request, FromFileBody, from_file, **({"file": file} if file else {}))
        if made is not None:
            return redirect(f"{reverse('certification')}?{urlencode(_those(made[0]))}")
    context = {"form": form, "codes": reason_codes(), "flags": FLAGS}
    return render(request, "detections/propose_file.html", context, status=form.status)


def _made(form: Form, request: HttpRequest, body: Any, make: Any, **more: Any) -> Made | None:
    """What the form proposes; None, and the reasons beside the boxes, where it cannot be."""
    fields = form.checked(body, **more)
    if fields is None:
        return None
    try:
        with refusals():
            made: Made = make(request.user, fields)
            return made
    except ValidationError as error:
        form.refuse(error.detail)
    except APIException as error:
        form.refuse({"request": [str(error.detail)]})
    return None


def _those(made: list[Proposal]) -> dict[str, str]:
    """The filter under which what was just made stands on the page of certification."""
    return {"state": made[0].state, "user": made[0].user.get_username(), "flag": made[0].flag}


def _run(typed: QueryDict) -> Run | None:
    number = typed.get("run", "").strip()
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        return None
    experiment = typed.get("experiment", "CMS").replace("\0", "")
    return Run.objects.visible().of(experiment).filter(number=int(number)).first()


def _change(run: Run | None, typed: QueryDict) -> Change | None:
    """What it would change, where the range is one."""
    if run is None:
        return None
    ends = [typed.get(name, "").strip() for name in ("first", "last")]
    if any(end and not (end.isascii() and end.isdigit() and 0 < int(end[:12]) < 2**31) for end in ends):
        return None
    first, last = int(ends[0] or 1), int(ends[1]) if ends[1] else None
    status, flag = typed.get("status", "BAD"), typed.get("flag", "").strip() or "golden"
    if status not in STATUSES or (last is not None and last < first) or len(flag) > 64 or "\0" in flag:
        return None
    return Change.by(run, flag, [(first, last, status)])
