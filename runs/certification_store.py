"""Where certifications go: flags for ranges of lumisections, each with the file and version that says so."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils import timezone

from project import bulk
from project.loading import Outcome, Row, insert_or_compare, without_duplicates
from project.models import SourceFile
from runs.ensure import ensure_runs
from runs.fetches.answers import files_of
from runs.models import Certification, Run
from runs.records import CertificationRecord
from runs.states import SIGNED_HERE

VALUES = ("last", "status", "cause", "comment")
LIMITED = ("flag", "status", "cause", "version")

Existing = dict[tuple, tuple[int, int | None, tuple]]


class CertificationStore:
    """Stores certification records of one source: a file's name, in a version. Runs that are missing are
    made.

    ``flag`` takes the place of the flag that the reader gives, and ``version`` is that of records without one.
    An answer of ``service`` takes the place of all that the same service said before of the same run, flag and
    version, when its load ends.
    """

    tables = (Certification, Run)
    policies = ("keep", "replace")

    def __init__(
        self, source: str, experiment: str = "CMS", *, version: str = "", flag: str = "", service: str = ""
    ) -> None:
        given = {"source": source, "version": version, "flag": flag}
        for field, value in given.items():
            _check_length(field, value)
        if not source:
            raise ValueError("a certification needs a source, such as the name of its file")
        if source == SIGNED_HERE:
            raise ValueError(f"source {source!r} is kept for what is signed on this site: rename the file")
        self.source = source
        self.experiment = experiment
        self.version = version
        self.flag = flag
        self.service = service
        self.fills = bool(service)
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
        flag, version = self.flag or record.flag, record.version or self.version
        return Row(record.line, (record.run, record.first, flag, version), values)

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        self._resolve(rows, file)
        outcome = Outcome()
        if self.service:
            rows = without_duplicates(rows, tuple.__eq__, outcome, _spell)
            revised = {row.key for row in self._revised(rows, file)}
            outcome.stored = len(revised)
            rows = [row for row in rows if row.key not in revised]

        def existing(rows: list[Row]) -> dict[tuple, tuple[int | None, tuple]]:
            return {key: (file_id, values) for key, (_, file_id, values) in self._existing(rows).items()}

        new = insert_or_compare(rows, lambda rows: self._insert(rows, file), existing, file, spell=_spell)
        outcome.join(new)
        return outcome

    def _insert(self, rows: list[Row], file: SourceFile) -> None:
        now = bulk.timestamp(timezone.now())
        bulk.insert(
            Certification,
            ("run", "first", "flag", "source", "version", "created", *VALUES, "file"),
            [
                (self._runs[run], first, flag, self.source, version, now, *values, file.pk)
                for _, (run, first, flag, version), values, _ in rows
            ],
        )

    def _revised(self, rows: list[Row], file: SourceFile) -> list[Row]:
        """Those of which the same service said something else before."""
        there = self._existing(rows)
        own = files_of(self.service, {file_id for _, file_id, _ in there.values()}) - {file.pk}
        return [
            row for row in rows
            if row.key in there and there[row.key][1] in own and there[row.key][2] != row.values
        ]  # fmt: skip

    def _existing(self, rows: list[Row]) -> Existing:
        """By key what is stored: row id, file id and values."""
        keys = {row.key for row in rows}
        queryset = Certification.objects.filter(
            run_id__in={self._runs[key[0]] for key in keys},
            flag__in={key[2] for key in keys},
            source=self.source,
            version__in={key[3] for key in keys},
        ).order_by()
        columns = queryset.values_list(F("run__number"), "first", "flag", "version", "id", "file_id", *VALUES)
        return {
            (run, first, flag, version): (pk, file_id, tuple(values))
            for run, first, flag, version, pk, file_id, *values in columns
            if (run, first, flag, version) in keys
        }

    def _resolve(self, rows: list[Row], file: SourceFile) -> None:
        if missing := {row.key[0] for row in rows} - self._runs.keys():
            self._runs |= ensure_runs(missing, self.experiment, file)

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        self._resolve(rows, file)
        there = self._existing(rows)
        new: dict[int, Any] = {}
        for row in rows:
            pk, file_id, _ = there.get(row.key, (None, None, ()))
            if pk is not None and file_id != file.pk and pk not in new:
                new[pk] = row.values
        bulk.update(Certification, (*VALUES, "file"), [(*values, file.pk, pk) for pk, values in new.items()])
        if self.service:
            # Of what an earlier batch took away as outdated, this one may say that it still holds.
            self._insert([row for row in rows if row.key not in there], file)
            self._remove_outdated(rows, file)
        return len(new)

    def _remove_outdated(self, rows: Iterable[Row], file: SourceFile) -> None:
        """What earlier answers said of the runs, flags and versions of ``rows``, and this one does not."""
        said = {(row.key[0], *row.key[2:]) for row in rows}
        others = Certification.objects.filter(
            run_id__in={self._runs[run] for run, *_ in said}, source=self.source,
            flag__in={flag for _, flag, _ in said}, version__in={version for *_, version in said},
        ).exclude(file=file).order_by()  # fmt: skip
        found = list(others.values_list("id", "run__number", "flag", "version", "file_id"))
        own = files_of(self.service, {row[-1] for row in found})
        outdated = [pk for pk, *key, file_id in found if tuple(key) in said and file_id in own]
        Certification.objects.filter(pk__in=outdated).delete()


def _check_length(field: str, value: str) -> None:
    longest = Certification._meta.get_field(field).max_length or 0  # type: ignore[union-attr]
    if len(value) > longest or not value.isprintable():
        raise ValueError(f"{field} {value[:40]!r}: at most {longest} printable characters")


def _spell(key: tuple) -> str:
    run, first, flag, version = key
    return f"{flag}{f' in {version}' if version else ''} of run {run} from LS {first}"
