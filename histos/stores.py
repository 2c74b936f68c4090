"""Where histograms go: rows of vectors, with the names they need. The only writer of histograms."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from histos.ensure import check_element, dataset_parts, ensure_dataset, ensure_elements
from histos.models import Dataset, LumisectionHistogram, MonitoringElement, RunHistogram
from histos.records import Element, HistogramRecord
from project import bulk
from project.loading import Outcome, Row, insert_or_compare
from project.models import SourceFile
from project.stacked import encode_all
from project.vectors import decode, encode
from runs.models import Lumisection, Run
from runs.services import ensure_lumisections, ensure_runs

FIELDS = ("dataset", "element", "entries", "file", "counts")
UNKNOWN = (None, 0, 0)
KEPT = 200_000  # ids of lumisections remembered
MEAN = "mean"  # of two such histograms there is no sum without their weights

Existing = dict[tuple, tuple[int | None, tuple]]


class HistogramStore:
    """Stores histogram records of one dataset; lumisection 0 stands for the whole run.

    The key of a row is (run, lumisection, number of the element in this store): small integers, since a key
    is hashed several times and an element is not small.
    """

    tables = (LumisectionHistogram, RunHistogram, MonitoringElement, Lumisection, Run, Dataset)

    def __init__(self, dataset: str, experiment: str = "CMS", simulated: bool = False) -> None:
        dataset_parts(dataset)
        self.dataset = dataset
        self.experiment = experiment
        self.simulated = simulated
        self._numbers: dict[Element, int] = {}
        self._by_identity: dict[int, tuple[Element, int, int]] = {}
        self._names: list[Element] = []
        self.forget()

    def forget(self) -> None:
        self._dataset_id: int | None = None
        self._elements: dict[int, int] = {}
        self._things: dict[tuple[int, int], int] = {}

    def prepare(self, record: HistogramRecord) -> Row:
        return self.prepare_all([record])[0]

    @staticmethod
    def size(record: HistogramRecord) -> int:
        return record.counts.nbytes

    def prepare_all(self, records: Sequence[HistogramRecord]) -> list[Row]:
        """Rows of the records, their contents encoded together."""
        rows = []
        blobs = encode_all([record.counts for record in records])
        for (line, run, lumisection, element, entries, counts), blob in zip(records, blobs, strict=True):
            known, number, cells = self._by_identity.get(id(element), UNKNOWN)
            if known is not element:
                number, cells = self._intern(element)
            if cells != len(counts):
                raise ValueError(f"{len(counts)} values for {cells} cells")
            rows.append(Row(line, (run, lumisection, number), (entries, blob), len(blob)))
        return rows

    def _intern(self, element: Element) -> tuple[int, int]:
        """Number and cells of an element; readers give equal ones as one object, found without comparing it."""
        if element not in self._numbers:
            check_element(element)
            self._numbers[element] = len(self._names)
            self._names.append(element)
        if len(self._by_identity) > KEPT:
            self._by_identity.clear()
        number, cells = self._numbers[element], element.cells
        self._by_identity[id(element)] = element, number, cells
        return number, cells

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        self._resolve(rows, file)
        outcome = Outcome()
        for table in self._by_table(rows):
            outcome.join(self._write(*table, file))
        return outcome

    @staticmethod
    def _by_table(rows: list[Row]) -> list[tuple[Any, str, list[Row]]]:
        """Rows of lumisections and of whole runs, each with its model and the field of what it belongs to."""
        of_runs = [row for row in rows if row.key[1] == 0]
        of_lumisections = [row for row in rows if row.key[1] != 0] if of_runs else rows
        tables = ((LumisectionHistogram, "lumisection", of_lumisections), (RunHistogram, "run", of_runs))
        return [table for table in tables if table[2]]

    def _write(self, model: Any, thing: str, rows: list[Row], file: SourceFile) -> Outcome:
        def insert(rows: list[Row]) -> None:
            things, dataset, elements, pk = self._things, self._dataset_id, self._elements, file.pk
            bulk.insert(model, (thing, *FIELDS), [
                (things[key[:2]], dataset, elements[key[2]], entries, pk, blob) for _, key, (entries, blob), _ in rows
            ])  # fmt: skip

        def existing(rows: list[Row]) -> Existing:
            return {
                key: (file_id, values)
                for key, (_, file_id, values) in self._existing(model, thing, rows).items()
            }

        return insert_or_compare(rows, insert, existing, file, same_histogram, self._spell)

    def _existing(
        self, model: Any, thing: str, rows: list[Row]
    ) -> dict[tuple, tuple[int, int | None, tuple]]:
        """By key what is stored: row id, file id, and (entries, bytes)."""
        keys = {(self._things[row.key[:2]], self._elements[row.key[2]]): row.key for row in rows}
        queryset = model.objects.order_by().filter(
            **{f"{thing}_id__in": {pk for pk, _ in keys}},
            dataset_id=self._dataset_id,
            element_id__in={pk for _, pk in keys},
        )
        columns = (f"{thing}_id", "element_id", "id", "file_id", "entries", "counts")
        return {
            keys[pk, element]: (row_id, file_id, (entries, blob))
            for pk, element, row_id, file_id, entries, blob in bulk.raw_rows(queryset.values_list(*columns))
            if (pk, element) in keys
        }

    def _resolve(self, rows: list[Row], file: SourceFile) -> None:
        """Ids of every name in the batch, from what earlier batches learnt or in a few queries."""
        if self._dataset_id is None:
            self._dataset_id = ensure_dataset(self.dataset, file).pk
        if new := {row.key[2] for row in rows} - self._elements.keys():
            ids = ensure_elements([self._names[number] for number in new], file)
            self._elements |= {number: ids[self._names[number]] for number in new}
        if len(self._things) > KEPT:
            self._things.clear()
        wanted = {row.key[:2] for row in rows} - self._things.keys()
        if runs := {key for key in wanted if key[1] == 0}:
            found = ensure_runs({run for run, _ in runs}, self.experiment, file, self.simulated)
            self._things |= {(run, 0): found[run] for run, _ in runs}
        if wanted - runs:
            self._things |= ensure_lumisections(wanted - runs, self.experiment, file, self.simulated)

    def _spell(self, key: tuple) -> str:
        run, lumisection, number = key
        return f"run {run} {f'LS {lumisection} ' if lumisection else ''}{self._names[number].name}"

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        self._resolve(rows, file)
        settled = 0
        for model, thing, chosen in self._by_table(rows):
            there = self._existing(model, thing, chosen)
            new = {}
            for row in chosen:
                row_id, file_id, values = there[row.key]
                if file_id == file.pk or row_id in new or (policy == "sum" and self._is_mean(row)):
                    continue
                new[row_id] = _sum(values, row.values) if policy == "sum" else row.values
            bulk.update(model, ("entries", "counts", "file"), [(*new[pk], file.pk, pk) for pk in new])
            settled += len(new)
        return settled

    def _is_mean(self, row: Row) -> bool:
        return self._names[row.key[2]].storage == MEAN


def _sum(a: tuple, b: tuple) -> tuple:
    first, second = decode(bytes(a[1])), decode(b[1])
    # Each was stored as narrow as it could be; their sum may need more.
    wide = np.int64 if first.dtype.kind != "f" and second.dtype.kind != "f" else np.float64
    return a[0] + b[0], encode(first.astype(wide) + second.astype(wide))


def same_histogram(a: tuple, b: tuple) -> bool:
    """Whether two pairs of entries and bytes are the same numbers, be they stored in different types."""
    return bool(
        a[0] == b[0]
        and (bytes(a[1]) == b[1] or np.array_equal(decode(bytes(a[1])), decode(b[1]), equal_nan=True))
    )
