"""The only writers of proposals: what is to be certified of runs, checked whole before any of it is stored."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from detections.models import Proposal, ProposalEvent
from detections.proposals.reason_codes import OTHER, reason_codes
from project.errors import UserError
from runs.models import Certification, Lumisection, Run

FLAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]*", re.ASCII)
NEEDS_NO_CAUSE = ("GOOD", "NOTSET")
MOST_RUNS, MOST_RANGES = 2_000, 5_000
"""Of one request; ranges of one run."""
BIGGEST = 2**31 - 1


class WrongProposal(UserError):
    """What is proposed cannot be; ``field`` is the one that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class OtherProposal(UserError):
    """The same client key was sent with another proposal."""


class Range(NamedTuple):
    """Lumisections ``first`` to ``last`` (None: the end of the run) and the status proposed for them."""

    first: int
    last: int | None
    status: str


@dataclass(frozen=True)
class Words:
    """What is said with a proposal, of however many runs: the flag, why, and from what."""

    flag: str
    cause: str = ""
    comment: str = ""
    origin: str = Proposal.Origin.RANGE
    evidence: dict[str, Any] = field(default_factory=dict)
    client_key: str = ""


Drafts = Sequence[tuple[Run, Sequence[Range]]]


def propose(user: Any, drafts: Drafts, words: Words) -> tuple[list[Proposal], bool]:
    """Propose the ranges of every run, all or nothing; returns the proposals and whether they are new.

    Sent again with the same ``client_key`` they are found. Raises WrongProposal, naming the field, or OtherProposal.
    """
    if not drafts:
        raise WrongProposal("ranges", "nothing is proposed: there is no range")
    if len(drafts) > MOST_RUNS:
        raise WrongProposal("ranges", f"{len(drafts):,} runs at once; at most {MOST_RUNS:,} are taken")
    drafts = [(run, sorted(ranges, key=lambda one: one.first)) for run, ranges in drafts]
    _check_words(words, {one.status for _, ranges in drafts for one in ranges})
    _check_ranges(drafts)
    made = [_proposal(user, run, ranges, words) for run, ranges in drafts]
    found = _sent_before(user, made, words)
    if found:
        return found, False
    try:
        with transaction.atomic():
            _store(made)
    except IntegrityError as error:
        # The same was sent twice at once, and the other was first.
        found = _sent_before(user, made, words)
        if not found:
            raise OtherProposal("somebody else was first: look again") from error
        return found, False
    return made, True


def _store(made: list[Proposal]) -> None:
    for one in made:
        one.save()
    ProposalEvent.objects.bulk_create(
        ProposalEvent(proposal=one, kind=ProposalEvent.Kind.PROPOSED, user=one.user, comment=one.comment)
        for one in made
    )


def _proposal(user: Any, run: Run, ranges: Sequence[Range], words: Words) -> Proposal:
    return Proposal(
        run=run, user=user, ranges=[list(one) for one in ranges], first=ranges[0].first, last=ranges[-1].last,
        flag=words.flag, cause=words.cause, comment=words.comment, origin=words.origin, evidence=words.evidence,
        client_key=words.client_key,
    )  # fmt: skip


def _sent_before(user: Any, made: list[Proposal], words: Words) -> list[Proposal]:
    if not words.client_key:
        return []
    rows = Proposal.objects.filter(user=user, client_key=words.client_key).select_related("run", "user")
    found = list(rows.order_by("id"))
    if found and sorted(map(_same, found)) != sorted(map(_same, made)):
        raise OtherProposal(f"client_key {words.client_key!r} was sent with another proposal, {found[0].pk}")
    return found


def _same(one: Proposal) -> tuple[int, str, str, str, str]:
    return one.run_id, one.flag, repr(one.ranges), one.cause, one.comment


def _check_words(words: Words, statuses: set[str]) -> None:
    if not FLAG.fullmatch(words.flag) or len(words.flag) > 64:
        raise WrongProposal(
            "flag", f"{words.flag!r:.80} is no flag: letters, digits, spaces and ._+-, at most 64"
        )
    if unknown := statuses - set(Certification.Status.values):
        raise WrongProposal(
            "status", f"no status {min(unknown)!r:.40}; there is {', '.join(Certification.Status)}"
        )
    codes = reason_codes()
    if words.cause and words.cause not in codes:
        raise WrongProposal("cause", f"no reason code {words.cause!r:.60}; there is {', '.join(codes)}")
    if not words.cause and statuses - set(NEEDS_NO_CAUSE):
        raise WrongProposal("cause", f"say why it is not good: one of {', '.join(codes)}")
    if words.cause == OTHER and not words.comment.strip():
        raise WrongProposal("comment", f"the reason code {OTHER} needs a comment")


def _check_ranges(drafts: Drafts) -> None:
    ends = Lumisection.objects.spans(run.pk for run, _ in drafts)
    runs = [run.pk for run, _ in drafts]
    if len(set(runs)) != len(runs):
        raise WrongProposal("ranges", "a run is named twice")
    for run, ranges in drafts:
        if not ranges:
            raise WrongProposal("ranges", f"run {run.number}: there is no range")
        if len(ranges) > MOST_RANGES:
            raise WrongProposal("ranges", f"run {run.number}: more than {MOST_RANGES:,} ranges")
        last = ends[run.pk][-1][1] if run.pk in ends else None
        for one in ranges:
            _check_range(run, one, last)
        _check_apart(run, ranges)


def _check_range(run: Run, one: Range, last: int | None) -> None:
    if not 1 <= one.first <= BIGGEST:
        raise WrongProposal("first", f"run {run.number}: {one.first} is no lumisection: they count from 1")
    if one.last is not None and not one.first <= one.last <= BIGGEST:
        raise WrongProposal("last", f"run {run.number}: {one.last} is before the first, {one.first}")
    if last is not None and max(one.first, one.last or 0) > last:
        name, beyond = ("first", one.first) if one.first > last else ("last", one.last)
        raise WrongProposal(name, f"run {run.number} ends with lumisection {last}: there is no {beyond}")


def _check_apart(run: Run, ranges: Iterable[Range]) -> None:
    for one, after in pairwise(ranges):
        if one.last is None or after.first <= one.last:
            raise WrongProposal(
                "ranges", f"run {run.number}: the range from {after.first} overlaps the one from {one.first}"
            )
