"""Masks put together, with what each step costs: for the page, the API and the command alike. Nothing is written."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from project.errors import UserError
from runs.golden.operands import Operand, operand
from runs.golden.reading import luminosities, simulated
from runs.masks import Amount, Difference, Fault, Luminosities, Mask, Step, difference, not_known, stepwise
from runs.masks.names import OTHER, file_name
from runs.masks.parse import UNKNOWN, WRONG

MOST_OPERANDS = 20


class Operation(NamedTuple):
    """How masks are put together: ``label`` on a button, ``words`` between the operands."""

    label: str
    words: str
    together: Callable[[Mask, Mask], Mask]


OPERATIONS: dict[str, Operation] = {
    "all": Operation("intersection: what all of them hold", "and", operator.and_),
    "any": Operation("union: what any of them holds", "or", operator.or_),
    "less": Operation("subtraction: the first without the others", "without", operator.sub),
}


@dataclass(frozen=True)
class Work:
    """What operands make together. ``experiment``: whose runs; ``do``: of ``OPERATIONS``; ``asked``: the runs that were
    to be looked at, where that was said.
    """

    operands: tuple[Operand, ...]
    do: str = "all"
    experiment: str = "CMS"
    asked: tuple[int | None, int | None] = (None, None)

    @cached_property
    def looked_at(self) -> tuple[int, int]:
        """First and last run that the result is about: absence outside says nothing."""
        spans = [one.looked_at or _span(one.mask) for one in self.operands]
        there = [span for span in spans if span]
        first, last = (given or 0 for given in self.asked)
        first = first or min((span[0] for span in there), default=last or 1)
        last = last or max((span[1] for span in there), default=first)
        if last < first:
            raise UserError(f"the last run, {last}, is before the first, {first}")
        return first, last

    @cached_property
    def luminosities(self) -> Luminosities:
        """Of all lumisections of the runs looked at."""
        return luminosities(self.experiment, within=self.looked_at)

    @cached_property
    def steps(self) -> list[Step]:
        """The operands put together one after the other."""
        ends = self.luminosities.ends()
        masks = [one.mask.within(*self.looked_at) for one in self.operands]
        # A run that is taken whole, with a part of it taken away, ends where its lumisections end.
        whole = masks if len(masks) == 1 else [mask.closed(ends) for mask in masks]
        return stepwise(whole, OPERATIONS[self.do].together, self.luminosities)

    @property
    def mask(self) -> Mask:
        return self.steps[-1].mask

    @property
    def amount(self) -> Amount:
        return self.steps[-1].left

    @cached_property
    def total(self) -> Amount:
        """All that is known of the runs looked at."""
        return self.luminosities.of(self.luminosities.known())

    @cached_property
    def known_runs(self) -> int:
        return len(self.luminosities.ends())

    @property
    def share(self) -> float | None:
        """Part of the recorded luminosity; None where none is known."""
        return self.amount.recorded / self.total.recorded if self.total.recorded > 0 else None

    @cached_property
    def faults(self) -> list[Fault]:
        """What was the matter with the operands, and what of the result is not known here."""
        return [fault for one in self.operands for fault in one.faults] + self.unknown

    @cached_property
    def unknown(self) -> list[Fault]:
        return not_known(self.mask, self.luminosities.known())

    @property
    def wrong(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.level == WRONG]

    @property
    def put_right(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.level not in (WRONG, UNKNOWN)]

    @cached_property
    def simulated(self) -> bool:
        return simulated(self.experiment, self.mask.runs)

    @property
    def kind(self) -> str:
        """What all operands are, where they are the same."""
        kinds = {one.kind for one in self.operands}
        return kinds.pop() if len(kinds) == 1 else OTHER

    @property
    def name(self) -> str:
        """A name to begin with: of the one operand, or by the runs in CMS' own form."""
        if len(self.operands) == 1 and self.operands[0].name:
            return self.operands[0].name
        return file_name("Collisions", self.kind, *self.looked_at).removesuffix(".json")


def work(
    specs: Sequence[str],
    do: str = "all",
    experiment: str = "CMS",
    asked: tuple[int | None, int | None] = (None, None),
    made: Sequence[Operand] = (),
) -> Work:
    """The operands that ``specs`` name, and those ``made`` already, put together. UserError where one is none."""
    if do not in OPERATIONS:
        raise UserError(f"{do[:40]!r} is no operation; there is {', '.join(OPERATIONS)}")
    if not 0 < len(specs) + len(made) <= MOST_OPERANDS:
        raise UserError(f"name at least one operand, and at most {MOST_OPERANDS}")
    return Work((*made, *(operand(spec, experiment) for spec in specs)), do, experiment, asked)


@dataclass(frozen=True)
class Compared:
    """Two masks, and what changes from the first to the second."""

    before: Operand
    after: Operand
    changes: Difference
    known_runs: frozenset[int]
    """Of the runs that differ."""

    @property
    def net(self) -> float:
        """Recorded luminosity that the second holds more than the first, in pb⁻¹."""
        return self.changes.gained.recorded - self.changes.lost.recorded


def compare(before: Operand, after: Operand, experiment: str = "CMS") -> Compared:
    """Reads the lumisections of the runs that differ, and no others."""
    differing = ((before.mask - after.mask) | (after.mask - before.mask)).runs
    found = luminosities(experiment, differing) if differing else Luminosities.of_rows(_none())
    ends = found.ends()
    changes = difference(before.mask.closed(ends), after.mask.closed(ends), found)
    return Compared(before, after, changes, frozenset(ends))


def _none() -> np.ndarray:
    return np.empty((0, 4))


def _span(mask: Mask) -> tuple[int, int] | None:
    runs = mask.runs
    return (runs[0], runs[-1]) if runs else None
