"""What every histogram reader promises. No Django."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from histos.records import HistogramRecord, MomentsRecord
from project.records import BadRow, Passed


class Reader(ABC):
    """Reads one kind of file; its options are keywords of its ``__init__``, its constants are safe to share.

    ``name`` is what ``--reader`` takes, ``summary`` one line for people, ``patterns`` the usual names of such files,
    ``yields`` what they hold. Who loads sets ``elements`` (wildcards, none for all) and ``dataset`` (into which it is
    loaded): a reader may spare itself the elements that are not wanted, and passes over what its file says is of
    another dataset.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    patterns: ClassVar[tuple[str, ...]] = ()
    yields: ClassVar[type] = HistogramRecord
    elements: tuple[str, ...] = ()
    dataset: str = ""
    _read: int = 0
    _all: int = 0
    """Of the rows, or whatever the file is made of: how many are read so far, and how many there are."""

    @abstractmethod
    def read(self, path: Path) -> Iterator[HistogramRecord | MomentsRecord | BadRow | Passed]:
        """Stream what ``path`` holds, in the order of the file, memory independent of its length.

        Raises ReaderError when the file is not what the reader expects; a row that is not becomes a BadRow.
        """

    def recognises(self, path: Path) -> bool:
        """Whether the first bytes of ``path`` are of a file as this reader takes it. Never raises."""
        return False

    def datasets(self, path: Path) -> list[str]:
        """The datasets that the file itself names, in full; none where it does not say."""
        return []

    def done(self) -> float:
        """Which fraction of the file is read so far, 0 to 1; 0 where the reader does not know."""
        return self._read / self._all if self._all else 0.0

    def wants(self, name: str) -> bool:
        """Whether the element of this name is one of those chosen."""
        return not self.elements or fits(name, self.elements)


class RowError(ValueError):
    """One row cannot become a record, and why; the reader turns it into a BadRow with its line."""


@lru_cache(1 << 16)
def fits(name: str, patterns: Sequence[str]) -> bool:
    """Whether ``name`` fits one of the wildcards: ``*`` is any text, ``/`` included, ``?`` one character."""
    return any(re.compile(translate(pattern)).match(name) for pattern in patterns)


def chosen(items: Iterator[Any], reader: Reader) -> Iterator[Any]:
    """``items`` of ``reader`` but for records of elements that are not wanted."""
    if not reader.elements:
        yield from items
        return
    for item in items:
        if isinstance(item, BadRow | Passed) or reader.wants(item.name):
            yield item
