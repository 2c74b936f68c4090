"""What becomes of a proposal: comments, a signature or a refusal, and undoing a signature. Every step is a new event.

Whoever decides holds the run's row meanwhile, so two who decide of one run at once come one after the other.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from detections.models import Proposal, ProposalEvent
from detections.services.labels import NotYours
from detections.services.proposals import NEEDS_NO_CAUSE, WrongProposal
from project.access import has_role
from project.errors import UserError
from runs.models import Run
from runs.services import set_signed
from runs.signed import Signed, signed_rows

Kind, State = ProposalEvent.Kind, Proposal.State


class Decided(UserError):
    """The proposal is not in a state in which this can be done."""


def sign(proposal: Proposal, user: Any, comment: str = "") -> Proposal:
    """Let it hold: it lies over whatever was signed of the same run and flag before."""
    _expert(user)
    return _decide(proposal, user, Kind.SIGNED, State.PROPOSED, comment)


def reject(proposal: Proposal, user: Any, comment: str = "") -> Proposal:
    _expert(user)
    return _decide(proposal, user, Kind.REJECTED, State.PROPOSED, comment)


def withdraw(proposal: Proposal, user: Any, comment: str = "") -> Proposal:
    """Who proposed it takes it back before it is decided; experts may take back others'."""
    if proposal.user_id != user.pk and not has_role(user, "expert"):
        raise NotYours("this is somebody else's proposal: only experts may withdraw it")
    return _decide(proposal, user, Kind.WITHDRAWN, State.PROPOSED, comment)


def undo(proposal: Proposal, user: Any, comment: str = "") -> Proposal:
    """Take a signature back: what the others say holds as if it had never been given."""
    _expert(user)
    return _decide(proposal, user, Kind.UNDONE, State.SIGNED, comment)


def comment_on(
    proposal: Proposal, user: Any, comment: str, client_key: str = ""
) -> tuple[ProposalEvent, bool]:
    """Say something of it, whatever its state; returns the event and whether it is new."""
    if not comment.strip():
        raise WrongProposal("comment", "a comment says something")
    sent = ProposalEvent.objects.filter(user=user, client_key=client_key) if client_key else None
    event = ProposalEvent(
        proposal=proposal, kind=Kind.COMMENTED, user=user, comment=comment, client_key=client_key
    )
    try:
        with transaction.atomic():
            event.save()
    except IntegrityError:
        before = sent.filter(proposal=proposal, comment=comment).first() if sent is not None else None
        if before is None:
            raise Decided(f"client_key {client_key!r} was sent with another comment") from None
        return before, False
    return event, True


def _expert(user: Any) -> None:
    if not has_role(user, "expert"):
        raise NotYours("This needs the role expert: ask an administrator to add you to the group.")


def _decide(proposal: Proposal, user: Any, kind: str, needed: str, comment: str) -> Proposal:
    """Asked for again by the same person, it is found done."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=proposal.run_id)
        now = Proposal.objects.with_people().get(pk=proposal.pk)
        if now.state == kind and now.decided_by_id == user.pk:
            return now
        if now.state != needed:
            who = f" by {now.decided_by}" if now.decided_by else ""
            raise Decided(f"proposal {now.pk} is {now.state}{who}: only one that is {needed} can be {kind}")
        before = [list(row) for row in _standing_rows(run, now.flag)]
        now.state, now.decided_by, now.decided = kind, user, timezone.now()
        now.self_signed = kind == Kind.SIGNED and now.user_id == user.pk
        now.save(update_fields=("state", "decided_by", "decided", "self_signed"))
        changes = kind in (Kind.SIGNED, Kind.UNDONE)
        ProposalEvent(
            proposal=now, kind=kind, user=user, comment=comment, before=before if changes else []
        ).save()
        if changes:
            _project(run, now.flag)
    return now


def _standing_rows(run: Run, flag: str) -> Any:
    return signed_rows(run, flag).values_list("first", "last", "status", "cause", "comment")


def _project(run: Run, flag: str) -> None:
    """Write what the signed proposals say together where everything else reads certifications."""
    standing = Proposal.objects.filter(run=run, flag=flag).standing().select_related("user", "decided_by")
    set_signed(run, flag, [layer for one in standing for layer in _layers(one)])


def _layers(one: Proposal) -> list[Signed]:
    words = f"proposal {one.pk}, proposed by {one.user}, signed by {one.decided_by}"
    words += f": {one.comment}" if one.comment else ""
    when = one.decided or one.created
    return [
        Signed(first, last, status, "" if status in NEEDS_NO_CAUSE else one.cause, words, when)
        for first, last, status in one.ranges
    ]
