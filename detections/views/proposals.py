"""The page of one proposal: what it would change, what speaks for it, and what people did with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import ValidationError

from detections.models import Proposal
from detections.proposals.bodies import DecisionBody, RemarkBody
from detections.proposals.change import Change
from detections.proposals.evidence import evidence_of
from detections.proposals.reason_codes import reason_codes
from detections.services.deciding import comment_on, reject, sign, undo, withdraw
from detections.services.labels import NotYours
from detections.views.trials import cards
from project.access import reader_required, role_required
from project.bodies import checked
from project.errors import UserError

MOST_RANGES, MOST_EVENTS = 60, 200
MARGIN = 10
"""Lumisections drawn before and after."""


@require_safe
@reader_required
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Proposal.objects.visible().with_people(), pk=pk)
    events = found.events.select_related("user").order_by("id")[:MOST_EVENTS]
    evidence, change = evidence_of(found), Change.of(found)
    same_state = Proposal.objects.visible().filter(state=found.state).values_list("pk", flat=True)
    context = {
        "proposal": found, "run": found.run, "change": change, "evidence": evidence, "events": events,
        "by_status": change.by_status(found.ranges),
        "ranges": found.ranges[:MOST_RANGES], "more_ranges": len(found.ranges) - MOST_RANGES,
        "why": reason_codes().get(found.cause, ""), "mine": found.user_id == request.user.pk,
        "shown": [
            {"trial": one, "cards": cards(request, one.sample_set, one.detections)} for one in evidence.trials
        ],
        "after": same_state.filter(pk__gt=pk).order_by("pk").first(),
        **_addresses(found, evidence.url_trial), "before": same_state.filter(pk__lt=pk).order_by("-pk").first(),
    }  # fmt: skip
    return render(request, "detections/proposal.html", context)


def _addresses(found: Proposal, trial: str) -> dict[str, str]:
    """Of the run's figure around the lumisections, and of its page; they begin a few lumisections before."""
    here = [found.run.experiment, found.run.number]
    state = {"flag": found.flag, **({"trial": trial} if trial else {})}
    around: dict[str, Any] = {}
    if found.last is not None:
        margin = max(MARGIN, (found.last - found.first) // 2)
        around = {"first": max(found.first - margin, 1), "last": found.last + margin}
    inside: dict[str, Any] = {"first": found.first, **({"last": found.last} if found.last else {})}
    return {
        "figure_url": f"{reverse('run-figure', args=here)}?{urlencode(state | around)}",
        "run_url": f"{reverse('run', args=here)}?{urlencode(state | inside)}",
    }


@require_POST
@role_required("expert")
def sign_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, sign, "Signed: it holds from now on.")


@require_POST
@role_required("expert")
def reject_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, reject, "Rejected.")


@require_POST
@role_required("expert")
def undo_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, undo, "Undone: what stood before holds again.")


@require_POST
@role_required("shifter")
def withdraw_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, withdraw, "Withdrawn.")


@require_POST
@role_required("shifter")
def comment_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    def say(found: Proposal, user: Any, comment: str) -> None:
        comment_on(found, user, checked(RemarkBody, {"comment": comment})["comment"])

    return _decided(request, pk, say, "")


def _decided(request: HttpRequest, pk: int, decide: Callable[..., Any], said: str) -> HttpResponse:
    """Back to where the button was, with what became of it."""
    found = get_object_or_404(Proposal.objects.visible(), pk=pk)
    try:
        decide(
            found,
            request.user,
            checked(DecisionBody, {"comment": request.POST.get("comment", "")})["comment"],
        )
        if said:
            messages.success(request, f"{found}: {said}")
    except NotYours as error:
        raise PermissionDenied(str(error)) from error
    except UserError as error:
        messages.error(request, str(error))
    except ValidationError as error:
        reasons: Any = error.detail
        messages.error(request, "; ".join(" ".join(map(str, why)) for why in reasons.values()))
    back = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back) if here else redirect("proposal", pk)
