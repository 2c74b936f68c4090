"""Where runs and lumisections go, in whatever order files bring what is known of them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models

from project import bulk
from project.loading import LoadError, Outcome, Row, insert_or_compare, without_duplicates
from project.models import SourceFile
from project.querysets import loading_file_ids
from project.records import check_plain
from runs.ensure import LUMISECTION_BLANK, RUN_BLANK, ensure_runs
from runs.models import Lumisection, Run
from runs.records import LumisectionRecord, RunRecord
from runs.values import as_parameters, merged, replaced

RUN, LUMISECTION = "run", "LS"


class _Stored(NamedTuple):
    """A row that is there: its id, its file, and what it says; nothing where its file is not complete."""

    pk: int
    file_id: int | None
    values: tuple
    is_loading: bool


@dataclass(frozen=True)
class _Kind:
    name: str
    model: type[models.Model]
    blank: dict[str, Any]


KINDS = (_Kind(RUN, Run, RUN_BLANK), _Kind(LUMISECTION, Lumisection, LUMISECTION_BLANK))


class RunStore:
    """Stores run and lumisection records, a run's before those of its lumisections.

    A run or lumisection that another file made without knowing more than its number is filled in: that counts
    as stored. It happens in the last transaction of the load, so that a file which is refused changes
    nothing. Only another value where there is one already is a conflict.
    """

    tables = (Lumisection, Run)
    policies = ("keep", "replace")
    fills = True

    def __init__(self, experiment: str = "CMS", simulated: bool = False) -> None:
        longest = Run._meta.get_field("experiment").max_length or 0
        if not experiment.strip() or not experiment.isprintable() or len(experiment) > longest:
            raise ValueError(f"an experiment has a name of 1 to {longest} characters, such as CMS")
        self.experiment = experiment
        self.simulated = simulated
        self.forget()

    def forget(self) -> None:
        self._runs: dict[int, int] = {}

    def prepare(self, record: RunRecord | LumisectionRecord) -> Row:
        if not isinstance(record, RunRecord | LumisectionRecord):
            raise ValueError(f"{type(record).__name__} is neither a run nor a lumisection")
        if record.number < (0 if isinstance(record, RunRecord) else 1):
            raise ValueError(f"number {record.number} is too small")
        if isinstance(record, RunRecord):
            longest = Run._meta.get_field("era").max_length or 0
            if len(record.era) > longest:
                raise ValueError(f"era has {len(record.era)} characters, at most {longest}")
            check_plain({"era": record.era}, "what is told of a run,")
            return Row(record.line, (RUN, record.number), record[2:])
        check_plain(record.flags or {}, "flag")
        return Row(
            record.line, (RUN, record.run, LUMISECTION, record.number), (*record[3:7], record.flags or {})
        )

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        outcome = Outcome()
        for kind, chosen in _by_kind(rows):
            outcome.join(self._write(kind, chosen, file))
        return outcome

    def _write(self, kind: _Kind, rows: list[Row], file: SourceFile) -> Outcome:
        outcome = Outcome()
        fresh = without_duplicates(rows, _says_nothing_new, outcome)
        there = self._existing(kind, fresh, file)
        gaps = [row for row in fresh if row.key in there and _fills(there[row.key], row.values, file)]
        outcome.stored = len(gaps)
        filling = {row.key for row in gaps}

        def existing(rows: list[Row]) -> dict[tuple, tuple[int | None, tuple]]:
            found = self._existing(kind, rows, file)
            return {key: (None if row.is_loading else row.file_id, row.values) for key, row in found.items()}

        rest = [row for row in fresh if row.key not in filling]
        if rest:
            new = insert_or_compare(
                rest, lambda rows: self._insert(kind, rows, file), existing, file, _says_nothing_new
            )
            outcome.join(new)
        return outcome

    def _existing(self, kind: _Kind, rows: list[Row], file: SourceFile) -> dict[tuple, _Stored]:
        fields = tuple(kind.blank)
        if kind.name == RUN:
            numbers = {row.key[1] for row in rows}
            queryset = Run.objects.filter(experiment=self.experiment, number__in=numbers)
            found = [
                ((RUN, number), rest)
                for number, *rest in queryset.order_by().values_list("number", "id", "file_id", *fields)
            ]
        else:
            found = self._existing_lumisections(rows, fields)
        loading = set(loading_file_ids()) - {file.pk}
        blank = tuple(kind.blank.values())
        return {
            key: _Stored(pk, file_id, blank if file_id in loading else tuple(values), file_id in loading)
            for key, (pk, file_id, *values) in found
        }

    def _existing_lumisections(self, rows: list[Row], fields: tuple[str, ...]) -> list[tuple[tuple, list]]:
        keys = {row.key for row in rows}
        queryset = Lumisection.objects.filter(
            run__experiment=self.experiment,
            run__number__in={key[1] for key in keys},
            number__in={key[3] for key in keys},
        ).order_by()
        there = queryset.values_list("run__number", "number", "id", "file_id", *fields)
        found = (((RUN, run, LUMISECTION, number), rest) for run, number, *rest in there)
        return [row for row in found if row[0] in keys]

    def _insert(self, kind: _Kind, rows: list[Row], file: SourceFile) -> None:
        values = [(*as_parameters(row.values), file.pk) for row in rows]
        if kind.name == RUN:
            key: tuple[str, ...] = ("number", "experiment", "simulated")
            new = [
                (row.key[1], self.experiment, self.simulated, *rest)
                for row, rest in zip(rows, values, strict=True)
            ]
        else:
            key = ("run", "number")
            self._resolve({row.key[1] for row in rows}, file)
            new = [
                (self._runs[row.key[1]], row.key[3], *rest) for row, rest in zip(rows, values, strict=True)
            ]
        bulk.insert(kind.model, (*key, *kind.blank, "file"), new)

    def _resolve(self, numbers: set[int], file: SourceFile) -> None:
        if missing := numbers - self._runs.keys():
            self._runs |= ensure_runs(missing, self.experiment, file, self.simulated)

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        """Fill the gaps of what other files made (``keep``), or put this file's values in the place of theirs."""
        settled = 0
        for kind, chosen in _by_kind(rows):
            there = self._existing(kind, chosen, file)
            new, absent = {}, []
            for row in chosen:
                stored = there.get(row.key)
                if stored is None:
                    absent.append(row)
                elif stored.file_id != file.pk and stored.pk not in new:
                    values = self._settled(row, stored.values, policy, file)
                    settled += 1
                    if values != stored.values or stored.is_loading:
                        new[stored.pk] = values
            # What another load made and took away again, when it was refused, is made anew.
            if absent:
                self._insert(kind, absent, file)
            updates = [(*as_parameters(values), file.pk, pk) for pk, values in new.items()]
            bulk.update(kind.model, (*kind.blank, "file"), updates)
        return settled

    @staticmethod
    def _settled(row: Row, stored: tuple, policy: str, file: SourceFile) -> tuple:
        values = replaced(stored, row.values) if policy == "replace" else merged(stored, row.values)
        if values is None:
            what = " ".join(map(str, row.key))
            raise LoadError(
                f"{file.name}: {what} was given other values while this file was read: load it again"
            )
        return values


def _by_kind(rows: list[Row]) -> list[tuple[_Kind, list[Row]]]:
    """Runs before lumisections, which point to them."""
    chosen = [(kind, [row for row in rows if row.key[-2] == kind.name]) for kind in KINDS]
    return [(kind, rows) for kind, rows in chosen if rows]


def _says_nothing_new(there: tuple, values: tuple) -> bool:
    return merged(there, values) == there


def _fills(stored: _Stored, values: tuple, file: SourceFile) -> bool:
    whole = merged(stored.values, values)
    return stored.file_id != file.pk and whole is not None and whole != stored.values
