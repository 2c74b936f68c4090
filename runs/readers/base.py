"""What every reader of runs, lumisections and certifications promises. No Django."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from project.records import BadRow
from runs.records import CertificationRecord, LumisectionRecord, RunRecord

Record = RunRecord | LumisectionRecord | CertificationRecord


class Reader(ABC):
    """Reads one kind of file; its options are keywords of its ``__init__``, its constants are safe to share.

    ``name`` is what ``--reader`` takes, ``summary`` one line for people.
    """

    name: ClassVar[str]
    summary: ClassVar[str]

    @abstractmethod
    def read(self, path: Path) -> Iterator[Record | BadRow]:
        """Yield the records of ``path``; a run comes before its lumisections.

        Raises ReaderError when the file is not what the reader expects; an item that is not becomes a BadRow.
        """


class RowError(ValueError):
    """One item cannot become a record, and why; the reader turns it into a BadRow with its place."""
