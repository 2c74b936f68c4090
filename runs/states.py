"""The states of a run's lumisections: ranges that are judged, laid over each other. No Django."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

NOT_JUDGED, NO_DATA = "not scored", "no data"
OF_STATUS = {
    "GOOD": "good", "BAD": "bad", "EMPTY": "empty", "NOTSET": NOT_JUDGED, "STANDBY": NO_DATA, "EXCLUDED": NO_DATA,
}  # fmt: skip
"""What a status of a certification means: a detector on standby or excluded gave no data that could be judged."""

SIGNED_HERE = "lumisift"
"""The source of certifications that people sign on this site; what they say lies over what files say."""


class Span(NamedTuple):
    """Lumisections ``first`` to ``last``, both inclusive, in one state."""

    first: int
    last: int
    state: str


def overlaid(layers: Sequence[Span], last: int) -> list[Span]:
    """The states of lumisections 1 to ``last``: later layers cover earlier ones, what none covers has no data."""
    kept = [Span(max(one.first, 1), min(one.last, last), one.state) for one in layers]
    kept = [one for one in kept if one.first <= one.last]
    bounds = sorted({1, last + 1}.union(*((one.first, one.last + 1) for one in kept)))
    states = [NO_DATA] * (len(bounds) - 1)
    for one in kept:
        left, right = bisect_left(bounds, one.first), bisect_left(bounds, one.last + 1)
        states[left:right] = [one.state] * (right - left)
    return joined(Span(bounds[n], bounds[n + 1] - 1, state) for n, state in enumerate(states))


def joined(spans: Iterable[Span]) -> list[Span]:
    """Neighbours in the same state as one span."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].state == span.state and found[-1].last == span.first - 1:
            found[-1] = Span(found[-1].first, span.last, span.state)
        else:
            found.append(span)
    return found
