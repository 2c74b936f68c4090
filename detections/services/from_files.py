"""Proposals from a file of ranges."""

from typing import Any

from detections.models import Proposal
from detections.proposals.range_files import RangeFile
from detections.services.proposals import MOST_RUNS, Range, Words, WrongProposal, propose
from runs.models import Run


def propose_from_file(  # noqa: PLR0913  keyword-only parts of what is said
    user: Any,
    file: RangeFile,
    *,
    experiment: str = "CMS",
    flag: str,
    cause: str = "",
    comment: str = "",
    client_key: str = "",
) -> tuple[list[Proposal], bool]:
    """One proposal for each run that the file names; every one of them must be known here."""
    if len(file.ranges) > MOST_RUNS:
        raise WrongProposal(
            "file", f"{file.name}: {len(file.ranges):,} runs; at most {MOST_RUNS:,} are taken"
        )
    runs = Run.objects.visible().of(experiment).filter(number__in=list(file.ranges)).order_by("number")
    known = {run.number: run for run in runs}
    if missing := sorted(file.ranges.keys() - known.keys()):
        more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
        raise WrongProposal(
            "file", f"{file.name}: {experiment} has no run {', '.join(map(str, missing[:5]))}{more} here"
        )
    drafts = [(run, [Range(*part) for part in file.ranges[number]]) for number, run in known.items()]
    words = Words(flag, cause, comment, Proposal.Origin.FILE, file.evidence(), client_key)
    return propose(user, drafts, words)
