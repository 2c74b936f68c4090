"""Proposals from the scores of trials."""

from typing import Any

from detections.models import Proposal
from detections.services.proposals import Range, Words, WrongProposal, propose
from detections.verdicts.choice import Chosen
from detections.verdicts.runs import JudgedRun


def propose_from_trials(  # noqa: PLR0913  keyword-only parts of what is said
    user: Any,
    chosen: Chosen,
    judged: list[JudgedRun],
    *,
    flag: str,
    cause: str = "",
    comment: str = "",
    client_key: str = "",
) -> tuple[list[Proposal], bool]:
    """One proposal for each run of ``judged`` (as ``judge_runs`` made it of ``chosen``) of which anything was said.

    Scored below the threshold is good, above it bad, without an entry empty; of what was not scored and of what has no
    data nothing is proposed.
    """
    drafts = [(one.run, [Range(*part) for part in one.ranges]) for one in judged if one.ranges]
    if not drafts:
        raise WrongProposal("runs", "the trials scored nothing in these runs")
    words = Words(flag, cause, comment, Proposal.Origin.TRIALS, chosen.evidence(), client_key)
    return propose(user, drafts, words)
