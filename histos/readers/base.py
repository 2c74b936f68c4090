"""What every histogram reader promises. No Django."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from histos.records import HistogramRecord
from project.records import BadRow


class Reader(ABC):
    """Reads one kind of file; its options are keywords of its ``__init__``, its constants are safe to share.

    ``name`` is what ``--reader`` takes, ``summary`` one line for people.
    """

    name: ClassVar[str]
    summary: ClassVar[str]

    @abstractmethod
    def read(self, path: Path) -> Iterator[HistogramRecord | BadRow]:
        """Stream the histograms of ``path``, in the order of the file, memory independent of its length.

        Raises ReaderError when the file is not what the reader expects; a row that is not becomes a BadRow.
        """


class RowError(ValueError):
    """One row cannot become a record, and why; the reader turns it into a BadRow with its line."""
