"""One load of one file, from claiming it to showing it."""

import hashlib
import json
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from project.errors import Cancelled
from project.loading import ledger
from project.loading.ahead import ahead
from project.loading.batches import Batch, batches, rows_of
from project.loading.final import FinalPass
from project.loading.removal import highest_ids, make_way, refuse
from project.loading.rows import (
    PASSED,
    POLICIES,
    REJECTED,
    LoadError,
    Outcome,
    Problem,
    Store,
    Superseded,
    Unfinished,
)
from project.models import SourceFile
from project.records import ReaderError

BAD_FRACTION = 0.1
BAD_AT_LEAST = 100

# What makes a file unreadable, told in one line; whatever else goes wrong is a fault of ours and keeps its traceback.
UNREADABLE = (ReaderError, LoadError, UnicodeDecodeError, OSError)

Source = Callable[[], Iterable[Any]]
Progress = Callable[[SourceFile], None]
Done = Callable[[], float]


def too_many(bad: int, read: int) -> bool:
    """Whether so many bad rows mean that the file is not what the reader takes it for."""
    return bad > max(BAD_AT_LEAST, BAD_FRACTION * read)


@dataclass
class Load:
    """One load of one file. ``read`` makes the reader's generator anew whenever it is called.

    ``options`` are what, with the content and the reader, makes this load the same as another one.
    """

    path: Path
    reader: str
    read: Source
    store: Store
    options: dict[str, Any] = field(default_factory=dict)
    policy: str = "keep"
    progress: Progress = lambda file: None
    done: Done = lambda: 0.0
    """The fraction of the file that ``read`` has read so far; 0 where that cannot be said."""

    def __post_init__(self) -> None:
        if self.policy not in getattr(self.store, "policies", POLICIES):
            raise LoadError(f"{self.path.name}: what conflicts here cannot be settled by {self.policy}")

    def run(self) -> SourceFile:
        """Load, and return the file's row with its counts. Raises LoadError when nothing could be stored."""
        try:
            before = self.stat()
            self.store.forget()
            if self.policy == "sum" and (summed := self.summed_before()):
                return summed
            file = self._claim()
        except OSError as error:
            raise LoadError(f"{self.path.name}: {error.strerror or error}") from error
        try:
            self._read_all(file)
            self._check(file, before)
            FinalPass(self, file).run()
        except Superseded:
            raise
        except Cancelled:
            refuse(file, f"{file.name}: cancelled")
            raise
        except UNREADABLE as error:
            reason = self.reason(error)
            refuse(file, reason)
            raise LoadError(reason) from error
        return file

    def reason(self, error: Exception) -> str:
        """Why the file cannot be read, in one line with its name."""
        if isinstance(error, UnicodeDecodeError):
            return f"{self.path.name}: not UTF-8 text ({error.reason})"
        if isinstance(error, OSError):
            return f"{self.path.name}: {error.strerror or error}"
        return str(error)

    def stat(self) -> tuple[int, int, int]:
        stat = self.path.stat()
        return stat.st_ino, stat.st_size, stat.st_mtime_ns

    @cached_property
    def sha256(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def identity(self) -> str:
        what = [self.sha256, self.reader, self.options]
        return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()

    def _claim(self) -> SourceFile:
        return ledger.claim(
            self.identity, name=self.path.name, path=str(self.path), size=self.stat()[1], sha256=self.sha256,
            reader=self.reader, options=self.options, first_ids=highest_ids(self.store.tables),
        )  # fmt: skip

    def summed_before(self) -> SourceFile | None:
        """A file is summed once: where it is in the sums already, its first row tells that all of it is known."""
        complete = SourceFile.objects.filter(identity=self.identity, state=SourceFile.State.COMPLETE)
        first = complete.filter(conflicts=0).order_by("pk").first()
        if first:
            first.stored, first.known = 0, first.stored + first.known
        return first

    def _read_all(self, file: SourceFile) -> None:
        bad = file.problems.filter(kind=REJECTED).count()
        with closing(self._batches(file.position)) as made:
            for batch in made:
                bad += self._store(batch, file)
                if too_many(bad, file.position):
                    first = ledger.first_problem(file)
                    raise LoadError(f"{file.name}: {bad} of the first {file.position} rows are bad, {first}")
                self.progress(file)

    def _batches(self, position: int) -> Generator[Batch, None, None]:
        made = batches(islice(iter(self.read()), position, None), self.store)
        return ahead(made) if connection.vendor == "postgresql" else made

    def _store(self, batch: Batch, file: SourceFile) -> int:
        """Write the batch; returns how many of its rows are no records."""
        try:
            self._commit(batch, file)
        except Unfinished as others:
            make_way(others.file_ids, file.name)
            self.store.forget()
            self._commit(batch, file)
        return sum(isinstance(row, Problem) and row.kind == REJECTED for row in batch)

    def _commit(self, batch: Batch, file: SourceFile) -> None:
        rows = rows_of(batch)
        with transaction.atomic():
            outcome = self.store.write(rows, file) if rows else Outcome()
            problems = [item for item in batch if isinstance(item, Problem)] + outcome.problems
            counts = ledger.advance(file, len(batch), outcome.stored, outcome.known, problems, self.done())
        for name, value in counts.items():
            setattr(file, name, value)

    def _check(self, file: SourceFile, before: tuple[int, int, int]) -> None:
        if self.stat() != before:
            raise LoadError(f"{file.name}: was changed while it was read")
        stored = file.stored or file.known or file.conflicts
        if not stored and (file.rejected or file.problems.filter(kind=PASSED).exists()):
            raise LoadError(f"{file.name}: no row could be stored, {ledger.first_problem(file)}")
