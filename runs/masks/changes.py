"""What changes from one mask to another, and what it costs. No Django."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from runs.masks.luminosity import Amount, Luminosities
from runs.masks.mask import Mask, Range

NOTHING = Amount()


class RunChange(NamedTuple):
    """What changed in one run."""

    run: int
    removed: list[Range]
    added: list[Range]
    lost: Amount
    gained: Amount


@dataclass(frozen=True)
class Difference:
    """From one mask to another: what was ``removed`` and ``added``, the luminosity ``lost`` and ``gained`` by it, and
    the same by run, the run that lost most first.
    """

    removed: Mask
    added: Mask
    lost: Amount
    gained: Amount
    runs: list[RunChange]


def difference(before: Mask, after: Mask, luminosities: Luminosities) -> Difference:
    removed, added = before - after, after - before
    lost, gained = luminosities.by_run(removed), luminosities.by_run(added)
    was, now = removed.ranges(), added.ranges()
    runs = [
        RunChange(run, was.get(run, []), now.get(run, []), lost.get(run, NOTHING), gained.get(run, NOTHING))
        for run in sorted({*was, *now})
    ]
    # Where no luminosity is known, the number of lumisections says which run lost most.
    runs.sort(key=lambda one: (-one.lost.recorded, -one.lost.lumisections, one.run))
    return Difference(removed, added, luminosities.of(removed), luminosities.of(added), runs)


class Step(NamedTuple):
    """One of several masks put together: what is there after it, and what it lost and gained against before."""

    mask: Mask
    left: Amount
    lost: Amount
    gained: Amount


def stepwise(
    masks: Sequence[Mask], together: Callable[[Mask, Mask], Mask], luminosities: Luminosities
) -> list[Step]:
    """The masks put together one after the other; of the first nothing is lost or gained."""
    steps: list[Step] = []
    for mask in masks:
        if not steps:
            steps.append(Step(mask, luminosities.of(mask), NOTHING, NOTHING))
            continue
        before = steps[-1].mask
        now = together(before, mask)
        lost, gained = luminosities.of(before - now), luminosities.of(now - before)
        steps.append(Step(now, luminosities.of(now), lost, gained))
    return steps
