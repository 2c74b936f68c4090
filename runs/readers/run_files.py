"""Runs out of the names and rows of run-level CSV files. No Django."""

import re
from collections.abc import Iterator
from pathlib import Path

from project.records import BadRow, ReaderError
from runs.readers.base import Reader, RowError
from runs.readers.table import table
from runs.readers.values import whole_text
from runs.records import RunRecord

NAME = re.compile(
    r"(?P<dataset>[A-Za-z0-9-]+)_(?P<run>[0-9]{5,7})_(?P<campaign>[A-Za-z0-9-]+)\.csv(?:\.gz)?\Z"
)
PER_RUN = re.compile(r"PerRun_(?P<campaign>[A-Za-z0-9-]+)")
RUN, DATASET = "run", "pd"


class RunFiles(Reader):
    """``ZeroBias_315257_UL2018.csv``: dataset, run and campaign; and the runs and datasets of its rows.

    A run's ``attributes`` hold ``{"datasets": {"ZeroBias": {"UL2018": true}}}``, so that those of several files
    join. A column ``run``, with ``pd`` for the dataset, goes before the name; without it the name is enough.
    """

    name = "run-files"
    summary = "run-level CSV files: run, dataset and campaign, from the name and the rows"

    @classmethod
    def knows(cls, name: str, head: bytes) -> bool:
        return bool(NAME.fullmatch(name) or PER_RUN.search(name))

    def read(self, path: Path) -> Iterator[RunRecord | BadRow]:
        path = Path(path)
        named, per_run = NAME.fullmatch(path.name), PER_RUN.search(path.name)
        campaign = (named or per_run or {"campaign": ""})["campaign"]
        seen: set[tuple[int, str]] = set()
        for line, row in table(path, may_be_empty=named is not None):
            if RUN not in row:
                break
            try:
                key = whole_text(row[RUN], RUN), str(row.get(DATASET) or (named["dataset"] if named else ""))
            except RowError as error:
                yield BadRow(line, str(error))
                continue
            if key not in seen:
                seen.add(key)
                yield _record(line, *key, campaign)
        if not seen and named:
            yield _record(1, int(named["run"]), named["dataset"], campaign)
        elif not seen:
            raise ReaderError(
                f"{path.name}: no column {RUN}, and its name is not like ZeroBias_315257_UL2018.csv"
            )


def _record(line: int, run: int, dataset: str, campaign: str) -> RunRecord:
    said = {"datasets": {dataset: {campaign: True} if campaign else {}}} if dataset else {}
    return RunRecord(line, run, attributes=said)
