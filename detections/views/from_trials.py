"""The page that proposes what trials say: their thresholds, how many must agree, and what that costs of each run."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import APIException, ValidationError

from detections.page_forms import Form
from detections.proposals.bodies import FromTrialsBody, TrialsChoiceBody
from detections.proposals.proposing import from_trials, judged, refusals
from detections.proposals.reason_codes import reason_codes
from detections.verdicts.choice import scoring_trials
from detections.views.proposing import FLAGS, said_boxes
from project.access import role_required
from project.bodies import checked

MOST_OFFERED = 40
COLUMNS = (
    "id", "detector", "threshold", "sample_set__name", "sample_set", "sample_set__simulated", "sample_set__parent",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
@role_required("shifter")
def propose_from_trials(request: HttpRequest) -> HttpResponse:
    """Look at what the chosen trials say of each run; propose it for the runs that are ticked."""
    post = request.POST if request.method == "POST" else None
    given = post if post is not None else request.GET
    form = Form(said_boxes(), post)
    if post is not None and (made := _proposed(form, request, post)):
        messages.success(request, f"{len(made):,} proposed, one for each run.")
        there = {"state": "proposed", "user": request.user.get_username(), "flag": made[0].flag}
        return redirect(f"{reverse('certification')}?{urlencode(there)}")
    errors, preview = _preview(given)
    context = {
        "form": form, "offered": _offered(given), "needed": given.get("needed", "") or "1", "errors": errors,
        "runs": given.get("runs", ""), "picked": set(given.getlist("pick")) if post is not None else None,
        "codes": reason_codes(), "flags": FLAGS, **preview,
    }  # fmt: skip
    return render(request, "detections/propose_trials.html", context, status=400 if errors else form.status)


def choice_of(given: QueryDict) -> dict[str, Any]:
    """The body that the page's fields stand for: ``trial`` (several), ``threshold.<id>``, ``needed``, ``runs``."""
    trials = [text.strip() for text in given.getlist("trial") if text.strip()]
    thresholds = {one: given.get(f"threshold.{one}", "").strip() for one in trials}
    body: dict[str, Any] = {
        "trials": trials,
        "thresholds": {pk: text for pk, text in thresholds.items() if text},
    }
    if given.get("needed", "").strip():
        body["needed"] = given.get("needed", "").strip()
    if given.get("runs", "").strip():
        body["runs"] = given.get("runs", "").replace(",", " ").split()
    return body


def _preview(given: QueryDict) -> tuple[dict[str, str], dict[str, Any]]:
    """What is wrong with the choice; and what the choice says of each run."""
    body = choice_of(given)
    if not body["trials"]:
        return {}, {}
    try:
        with refusals():
            chosen, runs = judged(checked(TrialsChoiceBody, body))
    except ValidationError as error:
        reasons: Any = error.detail
        return {name: " ".join(map(str, why)) for name, why in reasons.items()}, {}
    stakes = [one.at_stake for one in runs if one.at_stake is not None]
    return {}, {
        "chosen": chosen, "judged": sorted(runs, key=lambda one: -(one.at_stake or 0.0)),
        "at_stake": sum(stakes) if stakes else None,
    }  # fmt: skip


def _proposed(form: Form, request: HttpRequest, post: QueryDict) -> Any:
    body = choice_of(post) | {"runs": post.getlist("pick")}
    if not body["runs"]:
        form.refuse({"request": ["Tick the runs for which it is to be proposed."]})
        return None
    fields = form.checked(FromTrialsBody, **body)
    if fields is None:
        return None
    try:
        with refusals():
            return from_trials(request.user, fields)[0]
    except ValidationError as error:
        form.refuse(error.detail)
    except APIException as error:
        form.refuse({"request": [str(error.detail)]})
    return None


def _offered(given: QueryDict) -> list[dict[str, Any]]:
    """The chosen trials, and the other newest ones of the same sets, with their thresholds as typed."""
    picked = [
        int(text) for text in given.getlist("trial") if text.isascii() and text.isdigit() and len(text) < 19
    ]
    sets = scoring_trials().filter(pk__in=picked).values("sample_set") if picked else None
    rows = scoring_trials() if sets is None else scoring_trials().filter(sample_set__in=sets)
    found = list(rows.order_by("-id").values(*COLUMNS)[:MOST_OFFERED])
    there = {row["id"] for row in found}
    found += (
        scoring_trials().filter(pk__in=set(picked) - there).values(*COLUMNS) if set(picked) - there else []
    )
    for row in found:
        typed = given.get(f"threshold.{row['id']}", "")
        row |= {"picked": row["id"] in picked, "typed": typed or row["threshold"]}
    return sorted(found, key=lambda row: (not row["picked"], -row["id"]))
