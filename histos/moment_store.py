"""Where moments of run-level histograms go. Their only writer."""

from typing import Any

from histos.ensure import dataset_parts, ensure_dataset
from histos.models import Dataset, RunMoments
from histos.records import MomentsRecord
from project import bulk
from project.loading import Outcome, Row, insert_or_compare
from project.models import SourceFile
from runs.models import Run
from runs.services import ensure_runs

VALUES = ("element", "entries", "mean", "rms", "skewness", "kurtosis")
FIELDS = ("run", "dataset", "path", "file", *VALUES)

Existing = dict[tuple, tuple[int | None, tuple]]


class MomentStore:
    """Stores the moments of one dataset. The key of a row is (run, path)."""

    tables = (RunMoments, Run, Dataset)
    policies = ("keep", "replace")

    def __init__(self, dataset: str, experiment: str = "CMS") -> None:
        dataset_parts(dataset)
        self.dataset, self.experiment = dataset, experiment
        self.forget()

    def forget(self) -> None:
        self._dataset_id = 0
        self._runs: dict[int, int] = {}

    def prepare(self, record: MomentsRecord) -> Row:
        values = (record.name, record.entries, record.mean, record.rms, record.skewness, record.kurtosis)
        return Row(record.line, (record.run, record.path), values, len(record.path) + len(record.name))

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        self._resolve(rows, file)

        def insert(rows: list[Row]) -> None:
            there = [
                (self._runs[run], self._dataset_id, path, file.pk, *values)
                for _, (run, path), values, _ in rows
            ]
            bulk.insert(RunMoments, FIELDS, there)

        def existing(rows: list[Row]) -> Existing:
            return {key: found[1:] for key, found in self._existing(rows).items()}

        return insert_or_compare(rows, insert, existing, file, spell=_spell)

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        self._resolve(rows, file)
        there = self._existing(rows)
        new: dict[int, tuple] = {}
        for row in rows:
            row_id, file_id, _ = there[row.key]
            if file_id != file.pk:
                new.setdefault(row_id, row.values)
        bulk.update(RunMoments, (*VALUES, "file"), [(*values, file.pk, pk) for pk, values in new.items()])
        return len(new)

    def _resolve(self, rows: list[Row], file: SourceFile) -> None:
        if not self._dataset_id:
            self._dataset_id = ensure_dataset(self.dataset, file).pk
        if missing := {row.key[0] for row in rows} - self._runs.keys():
            self._runs |= ensure_runs(missing, self.experiment, file)

    def _existing(self, rows: list[Row]) -> dict[tuple, tuple[int, int | None, tuple[Any, ...]]]:
        """By key what is stored: row id, file id, and the values."""
        runs = {self._runs[row.key[0]]: row.key[0] for row in rows}
        found = RunMoments.objects.order_by().filter(
            run_id__in=runs, dataset_id=self._dataset_id, path__in={row.key[1] for row in rows}
        )
        return {
            (runs[run], path): (pk, file_id, tuple(values))
            for run, path, pk, file_id, *values in found.values_list(
                "run_id", "path", "id", "file_id", *VALUES
            )
        }


def _spell(key: tuple) -> str:
    return f"run {key[0]} {key[1]}"
