"""Which files are wanted, and what is stated of them instead of recognised."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from histos.readers import READERS
from histos.readers.dataset_names import dataset_of
from histos.readers.recognise import NO_READER, recognised
from project.errors import UserError

SETTLED = 10.0
"""Seconds for which a file has not changed before it is taken to be whole."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """``patterns`` are wildcards of names, those of the readers where there are none; ``settled`` is in seconds.

    ``retry``: what could not be loaded before is tried again; ``now``: loaded here instead of by the worker.
    """

    patterns: Sequence[str] = ()
    reader: str = ""
    dataset: str = ""
    settled: float = SETTLED
    retry: bool = False
    now: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        if self.reader and self.reader not in READERS:
            raise UserError(f"no reader is called {self.reader!r}; there are: {', '.join(sorted(READERS))}")

    def files(self, directories: Sequence[str | Path]) -> Iterator[Path]:
        """The files of the folders and of those inside them whose name fits, folder by folder in order of names."""
        for directory in directories:
            top = Path(directory).absolute()
            if not top.is_dir():
                raise UserError(f"{directory}: no such folder")
            for folder, inside, names in os.walk(top):
                inside.sort()
                yield from (Path(folder, name) for name in sorted(names) if self._fits(name))

    def _fits(self, name: str) -> bool:
        patterns = self.patterns or [pattern for reader in READERS.values() for pattern in reader.patterns]
        return not name.startswith(".") and any(fnmatch(name, pattern) for pattern in patterns)

    def is_whole(self, stat: os.stat_result) -> bool:
        """Whether nobody writes to the file any more, as far as its age tells."""
        return stat.st_size > 0 and time.time() - stat.st_mtime >= self.settled

    def recognise(self, path: Path) -> tuple[str, list[str], str]:
        """Reader and datasets of a file, and what is in the way."""
        name = self.reader or recognised(path, READERS)
        if name == NO_READER:
            return "", [], "no reader knows it; --reader states one"
        datasets = [self.dataset] if self.dataset else READERS[name]().datasets(path) or [dataset_of(path)]
        if not all(datasets):
            return name, [], "neither its name nor its content tells the dataset; --dataset states one"
        return name, datasets, ""
