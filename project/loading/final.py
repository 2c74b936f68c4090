"""The last transaction of a load: conflicts are settled, gaps filled, and the file becomes visible, all at once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from django.db import transaction

from project.loading import ledger
from project.loading.batches import batches, rows_of
from project.loading.rows import CONFLICT, LoadError, Problem, Row
from project.models import FileProblem, SourceFile

if TYPE_CHECKING:
    from project.loading.load import Load

# So much is read before the transaction begins; only what is beyond it is read while others wait for the lock.
HELD_BYTES = 64 << 20
ROW_BYTES = 500


class FinalPass:
    """Reads the file once more for the rows whose turn comes only now, where there are any."""

    def __init__(self, load: "Load", file: SourceFile) -> None:
        self._load = load
        self._file = file
        self._fills = getattr(load.store, "fills", False)
        # How many conflicts by line: a run and its first lumisection may have come from one line.
        self._conflicts: Counter[int] = Counter()
        self._barred: set[int] = set()
        self._asked_for: set[int] | None = None

    def run(self) -> None:
        load, file = self._load, self._file
        before = load.stat()
        rest = self._batches() if self._is_needed() else iter(())
        held = _take(rest, HELD_BYTES)
        with transaction.atomic():
            ledger.lock(file)
            self._settle(chain(held, rest))
            if load.stat() != before:
                raise LoadError(f"{file.name}: was changed while it was read")
            ledger.complete(file)

    def _is_needed(self) -> bool:
        policy, file = self._load.policy, self._file
        return bool(self._fills or (policy != "keep" and file.conflicts) or (policy == "sum" and file.known))

    def _batches(self) -> Iterator[list[Row]]:
        """The rows to settle or to fill, in the order of the file."""
        for line, kind in self._file.problems.values_list("line", "kind").iterator():
            if kind == CONFLICT:
                self._conflicts[line] += 1
            else:
                self._barred.add(line)
        if self._load.policy == "sum":
            self._asked_for = self._not_yet_summed()
        for batch in batches(self._load.read(), self._load.store):
            if rows := [row for row in rows_of(batch) if self._has_its_turn(row.line)]:
                yield rows

    def _not_yet_summed(self) -> set[int] | None:
        """A file that was loaded before is in the stored values already, but for the lines that conflicted then."""
        first = ledger.earlier(self._file).first()
        return set(first.problems.filter(kind=CONFLICT).values_list("line", flat=True)) if first else None

    def _has_its_turn(self, line: int) -> bool:
        if line in self._barred or (self._asked_for is not None and line not in self._asked_for):
            return False
        return self._load.policy == "sum" or self._fills or line in self._conflicts

    def _settle(self, rows: Iterable[list[Row]]) -> None:
        store, file, policy = self._load.store, self._file, self._load.policy
        left, settled = self._conflicts.copy(), 0
        for batch in rows:
            if policy != "keep":
                left -= Counter(self._settled([row for row in batch if row.line in self._conflicts]))
            others = [row for row in batch if row.line not in self._conflicts]
            if others and policy == "sum":
                settled += store.settle(others, file, policy)
            elif others and self._fills:
                store.settle(others, file, "keep")
        if policy != "keep":
            self._count(left, settled)

    def _settled(self, rows: list[Row]) -> list[int]:
        """Lines of the rows that the store settled; it tells only how many, so ask again one by one if not all."""
        if not rows:
            return []
        store, file, policy = self._load.store, self._file, self._load.policy
        with transaction.atomic():
            if store.settle(rows, file, policy) == len(rows):
                return [row.line for row in rows]
            transaction.set_rollback(True)
            store.forget()
        return [row.line for row in rows if store.settle([row], file, policy)]

    def _count(self, left: Counter[int], known: int) -> None:
        """Note what was settled: conflicts other than ``left``, and ``known`` rows that were summed."""
        file, conflicts = self._file, self._conflicts.total() - left.total()
        if conflicts:
            file.problems.filter(kind=CONFLICT).delete()
            reason = f"{self._load.policy} is not possible, or was done with an earlier row of this file"
            FileProblem.objects.bulk_create(
                FileProblem(file=file, **Problem(line, CONFLICT, reason)._asdict())
                for line in sorted(left.elements())
            )
        file.conflicts -= conflicts
        file.known -= known
        file.stored += conflicts + known


def _take(rows: Iterator[list[Row]], limit: int) -> list[list[Row]]:
    held, weight = [], 0
    for batch in rows:
        held.append(batch)
        weight += sum(row.weight + ROW_BYTES for row in batch)
        if weight >= limit:
            break
    return held
