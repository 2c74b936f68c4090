"""Which rows a matrix has, in order of run and lumisection, before any histogram is read: 32 bytes a row."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from django.db.models import BigIntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from histos.matrix.choice import Choice, WrongChoice
from project.bulk import raw_parts, raw_rows
from project.errors import UserError
from project.exports.snapshot import snapshot
from runs.golden.operands import operand

AT_ONCE = 16_384
MISSING = 0
"""Stands for the id of a histogram that is not there."""
SHIFT = 32


@dataclass(frozen=True)
class Plan:
    """``runs``, ``lumisections`` (n,) are numbers; ``ids``, ``files`` (n,) say which histogram, loaded from where.

    ``selection`` is a hash of all rows that were chosen, whatever part of them this is; ``whole`` is how many those are
    and ``start`` how many of them come before.
    """

    runs: np.ndarray
    lumisections: np.ndarray
    ids: np.ndarray
    files: np.ndarray
    experiment: str
    selection: str
    whole: int
    start: int = 0

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def n_missing(self) -> int:
        return int((self.ids == MISSING).sum())

    @property
    def last(self) -> tuple[int, int] | None:
        """Run and lumisection of the last row: the cursor after which the rest begins."""
        return (int(self.runs[-1]), int(self.lumisections[-1])) if len(self) else None

    @property
    def is_to_be_continued(self) -> bool:
        return self.start + len(self) < self.whole

    def after(self, run: int, lumisection: int) -> "Plan":
        """The rows beyond a place, which need not be a row itself."""
        place = int(np.searchsorted(_places(self.runs, self.lumisections), _place(run, lumisection), "right"))
        return self.part(place, len(self))

    def part(self, start: int, stop: int) -> "Plan":
        names = ("runs", "lumisections", "ids", "files")
        cut = {name: getattr(self, name)[start:stop] for name in names}
        return replace(self, **cut, start=self.start + start)


def plan_of(choice: Choice) -> Plan:
    """Three queries, one more with a flag, all of one moment. Raises WrongChoice."""
    with snapshot():
        return _planned(choice)


def _planned(choice: Choice) -> Plan:
    numbers, experiments = _runs(choice)
    listed = _table(choice.chosen_lumisections().values_list("pk", "run_id", "number"), 3)
    columns = ("lumisection_id", "pk", Coalesce("file_id", Value(0), output_field=BigIntegerField()))
    held = _table(choice.histograms().values_list(*columns), 3)
    held = held[np.argsort(held[:, 0])]
    at = np.searchsorted(held[:, 0], listed[:, 0])
    there = np.zeros(len(listed), bool)
    inside = at < len(held)
    there[inside] = held[at[inside], 0] == listed[inside, 0]
    if not choice.missing:
        listed, at, there = listed[there], at[there], there[there]
    of = np.searchsorted(numbers[:, 0], listed[:, 1])
    runs, experiment = numbers[of, 1], _only([experiments[code] for code in np.unique(numbers[of, 2])])
    found = np.full((len(listed), 2), MISSING, np.int64)
    found[there] = held[at[there], 1:]
    kept = np.argsort(_places(runs, listed[:, 2]))
    kept = kept[_held(choice, experiment, runs[kept], listed[kept, 2])]
    return _made(choice, experiment, runs[kept], listed[kept, 2], found[kept])


def _runs(choice: Choice) -> tuple[np.ndarray, list[str]]:
    """(n, 3): id, number and place among the experiments, whose names come beside; by id."""
    rows = raw_rows(choice.chosen_runs().values_list("pk", "number", "experiment").order_by("pk"))
    names = sorted({row[2] for row in rows})
    codes = {name: code for code, name in enumerate(names)}
    table = np.array([(pk, number, codes[name]) for pk, number, name in rows], np.int64)
    return table.reshape(-1, 3), names


def _only(experiments: list[str]) -> str:
    """The experiment that all rows are of: a number is that of one run then."""
    if len(experiments) > 1:
        raise WrongChoice(
            "experiment", f"these runs are of several, choose one: {', '.join(experiments)[:400]}"
        )
    return experiments[0] if experiments else ""


def _made(
    choice: Choice, experiment: str, runs: np.ndarray, lumisections: np.ndarray, found: np.ndarray
) -> Plan:
    ids, files = np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])
    digest = hashlib.sha256(f"{choice.element.pk} {choice.dataset.pk}".encode())
    for array in (runs, lumisections, ids, files):
        digest.update(np.ascontiguousarray(array, "<i8").tobytes())
    return Plan(runs, lumisections, ids, files, experiment, digest.hexdigest(), len(runs))


def _table(rows: QuerySet, width: int) -> np.ndarray:
    """(n, width) whole numbers."""
    parts = [np.fromiter(chain.from_iterable(part), np.int64, width * len(part)) for part in _parts(rows)]
    return np.concatenate([np.zeros(0, np.int64), *parts]).reshape(-1, width)


def _parts(rows: QuerySet) -> Iterator[Sequence[tuple]]:
    yield from raw_parts(rows, AT_ONCE)


def _held(choice: Choice, experiment: str, runs: np.ndarray, lumisections: np.ndarray) -> np.ndarray:
    """(n,) whether all masks of the choice hold the row."""
    kept = np.ones(len(runs), bool)
    for name, spec in choice.masks().items() if len(runs) else ():
        try:
            kept &= operand(spec, experiment).mask.contains(runs, lumisections)
        except UserError as error:
            raise WrongChoice(name, str(error)) from error
    return kept


def _places(runs: np.ndarray, lumisections: np.ndarray) -> np.ndarray:
    """One whole number for each (run, lumisection), in their order."""
    if len(runs) and int(runs.max()) >= 1 << (63 - SHIFT):
        raise WrongChoice("run", f"run numbers above {(1 << (63 - SHIFT)) - 1} cannot be put into a matrix")
    return (runs << SHIFT) + lumisections


def _place(run: int, lumisection: int) -> int:
    return min((run << SHIFT) + min(lumisection, (1 << SHIFT) - 1), (1 << 63) - 1)
