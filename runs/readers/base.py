"""What every reader of runs, lumisections and certifications promises. No Django."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from project.records import BadRow, Passed
from runs.records import CertificationRecord, FillRecord, LumisectionRecord, RunRecord

Record = FillRecord | RunRecord | LumisectionRecord | CertificationRecord


class Reader(ABC):
    """Reads one kind of file; its options are keywords of its ``__init__``, its constants are safe to share.

    ``name`` is what ``--reader`` takes, ``summary`` one line for people, ``signature`` what the beginning of its
    files holds.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    signature: ClassVar[re.Pattern[bytes] | None] = None

    @classmethod
    def knows(cls, name: str, head: bytes) -> bool:
        """Whether a file of this name that begins with ``head`` is for this reader."""
        return cls.signature is not None and cls.signature.search(head) is not None

    @abstractmethod
    def read(self, path: Path) -> Iterator[Record | BadRow | Passed]:
        """Yield the records of ``path``; a run comes before its lumisections.

        Raises ReaderError when the file is not what the reader expects; an item that is not becomes a BadRow.
        """


class RowError(ValueError):
    """One item cannot become a record, and why; the reader turns it into a BadRow with its place."""
