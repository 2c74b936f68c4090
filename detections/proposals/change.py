"""What a proposal would change: the states of its run as they stand and with it, and the luminosity that costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detections.models import Proposal
from detections.proposals.luminosity import NOTHING, Recorded, recorded_of
from project.sparks import strip_of
from runs.lanes import Listed, judge
from runs.models import Run
from runs.scores import RunKey
from runs.states import NOT_JUDGED, OF_STATUS, Span, overlaid


@dataclass(frozen=True)
class Change:
    """States of the lumisections of a run as they stand, and with some ranges laid over them.

    Of a proposal that is decided (``is_open`` false) what it says alone, since what it changed is done.
    """

    before: list[Span]
    after: list[Span]
    recorded: Recorded
    is_open: bool = True

    @classmethod
    def of(cls, proposal: Proposal) -> "Change":
        is_open = proposal.state == Proposal.State.PROPOSED
        return cls.by(proposal.run, proposal.flag, proposal.ranges, is_open)

    @classmethod
    def by(cls, run: Run, flag: str, ranges: Sequence[Any], is_open: bool = True) -> "Change":
        """By laying ``ranges`` (first, last or None, status) over what stands of a run and flag."""
        key = RunKey(run.experiment, run.number)
        judged = judge([Listed(run.pk, key, run.simulated)], {"flag": flag, "trial": "none"})
        before = judged.lanes[0].spans.get(run.pk, [])
        end = max([span.last for span in before] + [last or first for first, last, _ in ranges], default=0)
        under = before if is_open else [Span(one.first, one.last, NOT_JUDGED) for one in before]
        layers = [Span(first, last or end, OF_STATUS[status]) for first, last, status in ranges]
        after = overlaid([*under, *layers], end) if end else []
        return cls(before, after, recorded_of([run.pk]).get(run.pk, NOTHING), is_open)

    @property
    def strips(self) -> list[tuple[str, Any]]:
        named = (("as it stands", self.before), ("with it" if self.is_open else "what it says", self.after))
        return [(words, _strip(spans, words)) for words, spans in named]

    @property
    def cost(self) -> float | None:
        """By how much the luminosity that is good shrinks (pb⁻¹), negative where it grows; None where none is known."""
        if not self.is_open or not np.isfinite(self.recorded.values).any():
            return None
        return _good(self.before, self.recorded) - _good(self.after, self.recorded)

    @property
    def gain(self) -> float | None:
        return None if self.cost is None else -self.cost

    def by_status(self, ranges: Sequence[Any]) -> list[tuple[str, str, int, float | None]]:
        """Each status with its state, the lumisections that are there, and their luminosity (pb⁻¹)."""
        found: dict[str, tuple[int, float | None]] = {}
        for first, last, status in ranges:
            value, n, _ = self.recorded.between(first, last)
            there, so_far = found.get(status, (0, None))
            found[status] = there + n, so_far if value is None else (so_far or 0.0) + value
        return [(status, OF_STATUS[status], n, value) for status, (n, value) in found.items()]


def _good(spans: Sequence[Span], recorded: Recorded) -> float:
    values = [recorded.between(one.first, one.last)[0] for one in spans if one.state == "good"]
    return float(sum(value for value in values if value is not None))


def _strip(spans: Sequence[Span], label: str) -> Any:
    return strip_of(((one.state, one.last - one.first + 1) for one in spans), label)
