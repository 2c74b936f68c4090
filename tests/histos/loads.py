"""Loading ML4DQM files in a test, and looking at what became of it."""

from pathlib import Path
from typing import Any

from histos.models import Dataset, LumisectionHistogram, MonitoringElement, RunHistogram
from histos.readers import READERS
from histos.services import HistogramStore
from project.loading import Load
from project.models import SourceFile
from runs.models import Lumisection, Run

TABLES = (LumisectionHistogram, RunHistogram, MonitoringElement, Dataset, Lumisection, Run)


def load(path: Path, dataset: str = "ZB", policy: str = "keep", **fields: Any) -> SourceFile:
    read = READERS["ml4dqm-csv"]().read
    fields = {"read": lambda: read(path), "options": {"dataset": dataset}, **fields}
    return Load(path, "ml4dqm-csv", store=HistogramStore(dataset), policy=policy, **fields).run()


def counts(file: SourceFile) -> tuple[int, int, int, int]:
    return file.stored, file.known, file.conflicts, file.rejected


def table_sizes() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


def values(name: str = "element_0", lumisection: int = 1) -> list[float]:
    return LumisectionHistogram.objects.get(
        element__name=name, lumisection__number=lumisection
    ).counts.tolist()


class Killed(BaseException):
    """What SIGKILL is to a process."""


def killed_after(batches: int) -> Any:
    seen = []

    def progress(file: SourceFile) -> None:
        seen.append(1)
        if len(seen) == batches:
            raise Killed

    return progress
