"""Several scores of the same lumisections, each with its threshold, made into one of the states. NumPy only.

What was not scored could be above the threshold or below it. So a lumisection is bad when enough scores are above
theirs whatever the missing ones are, good when too few could be, and not scored where the missing ones would decide.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

GOOD, BAD, NOT_SCORED = "good", "bad", "not scored"


class Vote(NamedTuple):
    """Of one trial: ``values`` (n,) of lumisections ``numbers`` (n,), NaN: not scored; bad from ``threshold`` on."""

    numbers: np.ndarray
    values: np.ndarray
    threshold: float


def judge_together(votes: Sequence[Vote], needed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lumisections (n,) ascending and the state of each (n,), bad where at least ``needed`` of the votes say so.

    ``needed`` is 1 for "any of them", ``len(votes)`` for "all of them".
    """
    if not 1 <= needed <= len(votes):
        raise ValueError(f"of {len(votes)} trials {needed} cannot agree: give from 1 to {len(votes)}")
    numbers = np.unique(np.concatenate([vote.numbers for vote in votes]))
    above = np.zeros(len(numbers), dtype=np.int64)
    known = np.zeros(len(numbers), dtype=np.int64)
    for vote in votes:
        at = np.searchsorted(numbers, vote.numbers)
        scored = np.isfinite(vote.values)
        above[at] += scored & (np.where(scored, vote.values, 0) >= vote.threshold)
        known[at] += scored
    could_be = above + len(votes) - known
    states = np.where(above >= needed, BAD, np.where(could_be < needed, GOOD, NOT_SCORED))
    return numbers, states
