"""Where certifications go: flags for ranges of lumisections, each with the file and version that says so."""

from typing import Any

from django.db.models import F
from django.utils import timezone

from project import bulk
from project.loading import Outcome, Row, insert_or_compare
from project.models import SourceFile
from runs.ensure import ensure_runs
from runs.models import Certification, Run
from runs.records import CertificationRecord

VALUES = ("last", "status", "cause", "comment")
LIMITED = ("flag", "status", "cause")

Existing = dict[tuple, tuple[int, int | None, tuple]]


class CertificationStore:
    """Stores certification records of one source: a file's name, in a version. Runs that are missing are
    made.

    ``flag`` takes the place of the flag that the reader gives.
    """

    tables = (Certification, Run)
    policies = ("keep", "replace")

    def __init__(self, source: str, experiment: str = "CMS", *, version: str = "", flag: str = "") -> None:
        given = {"source": source, "version": version, "flag": flag}
        for field, value in given.items():
            _check_length(field, value)
        if not source:
            raise ValueError("a certification needs a source, such as the name of its file")
        self.source = source
        self.experiment = experiment
        self.version = version
        self.flag = flag
        self.forget()

    def forget(self) -> None:
        self._runs: dict[int, int] = {}

    def prepare(self, record: CertificationRecord) -> Row:
        if not isinstance(record, CertificationRecord):
            raise ValueError(f"{type(record).__name__} is no certification")
        if record.first < 1 or (record.last is not None and record.last < record.first):
            raise ValueError(f"range {record.first} to {record.last} is not a range of lumisections")
        for field in LIMITED:
            _check_length(field, getattr(record, field))
        if record.status not in Certification.Status.values:
            raise ValueError(f"status {record.status!r} is none of {', '.join(Certification.Status.values)}")
        values = (record.last, record.status, record.cause, record.comment)
        return Row(record.line, (record.run, record.first, self.flag or record.flag), values)

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        self._resolve(rows, file)

        def insert(rows: list[Row]) -> None:
            now, same = bulk.timestamp(timezone.now()), (self.source, self.version)
            bulk.insert(
                Certification,
                ("run", "first", "flag", "source", "version", "created", *VALUES, "file"),
                [
                    (self._runs[run], first, flag, *same, now, *values, file.pk)
                    for _, (run, first, flag), values, _ in rows
                ],
            )

        def existing(rows: list[Row]) -> dict[tuple, tuple[int | None, tuple]]:
            return {key: (file_id, values) for key, (_, file_id, values) in self._existing(rows).items()}

        return insert_or_compare(rows, insert, existing, file, spell=_spell)

    def _existing(self, rows: list[Row]) -> Existing:
        """By key what is stored: row id, file id and values."""
        keys = {row.key for row in rows}
        queryset = Certification.objects.filter(
            run_id__in={self._runs[key[0]] for key in keys},
            flag__in={key[2] for key in keys},
            source=self.source,
            version=self.version,
        ).order_by()
        columns = queryset.values_list(F("run__number"), "first", "flag", "id", "file_id", *VALUES)
        return {
            (run, first, flag): (pk, file_id, tuple(values))
            for run, first, flag, pk, file_id, *values in columns
            if (run, first, flag) in keys
        }

    def _resolve(self, rows: list[Row], file: SourceFile) -> None:
        if missing := {row.key[0] for row in rows} - self._runs.keys():
            self._runs |= ensure_runs(missing, self.experiment, file)

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        self._resolve(rows, file)
        there = self._existing(rows)
        new: dict[int, Any] = {}
        for row in rows:
            pk, file_id, _ = there[row.key]
            if file_id != file.pk and pk not in new:
                new[pk] = row.values
        bulk.update(Certification, (*VALUES, "file"), [(*values, file.pk, pk) for pk, values in new.items()])
        return len(new)


def _check_length(field: str, value: str) -> None:
    longest = Certification._meta.get_field(field).max_length or 0  # type: ignore[union-attr]
    if len(value) > longest or not value.isprintable():
        raise ValueError(f"{field} {value[:40]!r}: at most {longest} printable characters")


def _spell(key: tuple) -> str:
    run, first, flag = key
    return f"{flag} of run {run} from LS {first}"
