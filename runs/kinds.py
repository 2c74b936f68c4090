"""The tables that runs are stored in: how a row is found by its natural key, and how new ones are written."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.db import models

from project import bulk
from project.loading import Row
from project.models import SourceFile
from runs.ensure import FILL_BLANK, LUMISECTION_BLANK, RUN_BLANK, ensure_runs
from runs.models import Fill, Lumisection, Run
from runs.values import as_parameters

FILL, RUN, LUMISECTION = "fill", "run", "LS"

Found = list[tuple[tuple, list]]


class Place(NamedTuple):
    """Whose rows are stored, and the ids of runs that are known by number."""

    experiment: str
    simulated: bool
    runs: dict[int, int]


class Kind(Protocol):
    """One table."""

    @property
    def name(self) -> str:
        """What its rows are called."""

    @property
    def model(self) -> type[models.Model]:
        """Its model."""

    @property
    def blank(self) -> dict[str, Any]:
        """Its columns beside the key, and how each looks where nothing is known."""

    def find(self, place: Place, keys: set[tuple]) -> Found:
        """Key, and id, file id and values, of those that are there."""

    def make_ready(self, place: Place, rows: list[Row], file: SourceFile) -> None:
        """Before ``insert``, outside what is rolled back when one of the rows is there: make what they point to."""

    def insert(self, place: Place, rows: list[Row], file: SourceFile) -> None:
        """Raises IntegrityError where one is there."""


@dataclass(frozen=True)
class Numbered:
    """Fills and runs: one row for each number of an experiment."""

    name: str
    model: type[models.Model]
    blank: dict[str, Any]

    def find(self, place: Place, keys: set[tuple]) -> Found:
        rows = self.model._base_manager.filter(
            experiment=place.experiment, number__in={key[1] for key in keys}
        )
        found = rows.order_by().values_list("number", "id", "file_id", *self.blank)
        return [((self.name, number), rest) for number, *rest in found]

    def make_ready(self, place: Place, rows: list[Row], file: SourceFile) -> None:
        """They point to nothing."""

    def insert(self, place: Place, rows: list[Row], file: SourceFile) -> None:
        same = {"experiment": place.experiment}
        if self.name == RUN:
            same["simulated"] = place.simulated  # type: ignore[assignment]
        fields = ("number", *same, *self.blank, "file")
        new = [(row.key[1], *same.values(), *as_parameters(row.values), file.pk) for row in rows]
        bulk.insert(self.model, fields, new)


@dataclass(frozen=True)
class OfRun:
    """Lumisections: one row for each number of a run, which is made where it is missing."""

    name: str
    model: type[models.Model]
    blank: dict[str, Any]

    def find(self, place: Place, keys: set[tuple]) -> Found:
        rows = self.model._base_manager.filter(
            run__experiment=place.experiment,
            run__number__in={key[1] for key in keys},
            number__in={key[3] for key in keys},
        )
        there = rows.order_by().values_list("run__number", "number", "id", "file_id", *self.blank)
        found = (((RUN, run, self.name, number), rest) for run, number, *rest in there)
        return [row for row in found if row[0] in keys]

    def make_ready(self, place: Place, rows: list[Row], file: SourceFile) -> None:
        if missing := {row.key[1] for row in rows} - place.runs.keys():
            place.runs.update(ensure_runs(missing, place.experiment, file, place.simulated))

    def insert(self, place: Place, rows: list[Row], file: SourceFile) -> None:
        new = [(place.runs[row.key[1]], row.key[3], *as_parameters(row.values), file.pk) for row in rows]
        bulk.insert(self.model, ("run", "number", *self.blank, "file"), new)


KINDS: tuple[Kind, ...] = (
    Numbered(FILL, Fill, FILL_BLANK),
    Numbered(RUN, Run, RUN_BLANK),
    OfRun(LUMISECTION, Lumisection, LUMISECTION_BLANK),
)
"""Runs before lumisections, which point to them."""


def by_kind(rows: list[Row]) -> list[tuple[Kind, list[Row]]]:
    chosen = [(kind, [row for row in rows if row.key[-2] == kind.name]) for kind in KINDS]
    return [(kind, rows) for kind, rows in chosen if rows]
