"""What passes between a reader, a store and a load."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.db import models

from project.errors import UserError
from project.models import FileProblem, SourceFile

POLICIES = ("keep", "replace", "sum")
REJECTED, CONFLICT, DUPLICATE, PASSED = (
    FileProblem.Kind.REJECTED,
    FileProblem.Kind.CONFLICT,
    FileProblem.Kind.DUPLICATE,
    FileProblem.Kind.PASSED,
)
REASON = 500


class LoadError(UserError):
    """The file could not be loaded; nothing of it was stored. One line, naming the file."""


class Superseded(LoadError):
    """Another process took this load over: it is no longer ours to write or to undo."""


class Unfinished(Exception):
    """Rows of the batch are there already, from other loads that have not ended."""

    def __init__(self, file_ids: set[int]) -> None:
        super().__init__(file_ids)
        self.file_ids = file_ids


class Row(NamedTuple):
    """A record ready to be written: its natural key, its values as the driver takes them, its size in bytes."""

    line: int
    key: tuple
    values: tuple
    weight: int = 0


class Problem(NamedTuple):
    line: int
    kind: str
    reason: str


def placed(line: int, reason: str) -> str:
    """The reason behind its line, where it has one."""
    return f"line {line}: {reason}" if line else reason


def tally(problems: list[Problem]) -> tuple[int, int]:
    """How many conflict and how many are bad; what was passed over on purpose is neither."""
    conflicts = sum(problem.kind == CONFLICT for problem in problems)
    return conflicts, sum(problem.kind not in (CONFLICT, PASSED) for problem in problems)


@dataclass
class Outcome:
    """What became of a batch."""

    stored: int = 0
    known: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, kind: str, reason: str) -> None:
        self.problems.append(Problem(line, kind, reason[:REASON]))

    def join(self, other: "Outcome") -> None:
        self.stored += other.stored
        self.known += other.known
        self.problems += other.problems


class Store(Protocol):
    """Where records go. ``tables`` lists what it fills, dependent ones first, each with a field ``file``.

    Some attributes are optional. ``policies`` names those ``settle`` understands, if not all. ``fills`` says
    that rows of earlier files gain values from this one: then ``settle`` gets, with policy ``keep`` and in
    the last transaction, every row that is no problem, so that nobody sees such a change before the file is
    complete, or ever if it is refused. A store with ``size(record)``, the bytes a record holds, also has
    ``prepare_all(records)``: ``prepare`` of many at once, or ValueError where one of them is bad.
    """

    @property
    def tables(self) -> tuple[type[models.Model], ...]:
        """What it fills, dependent ones first."""

    def prepare(self, record: Any) -> Row:
        """Outside the transaction: encode what costs time. Raises ValueError with the reason for a bad record."""

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        """Inside the transaction: store what is new, tell known from conflicting."""

    def forget(self) -> None:
        """Drop every id learnt so far: the transaction in which it was learnt has failed, or another load begins."""

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        """Inside the transaction: replace or sum what conflicts; returns how many rows changed.

        A row whose key this file has stored or settled already is left alone.
        """
