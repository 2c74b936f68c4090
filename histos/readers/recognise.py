"""Which reader a file is for, by its content. No Django."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from histos.readers.base import Reader
from project.records import ReaderError

NO_READER = "none"
"""What stands in the place of a reader's name where no reader knows the file."""


class Unknown(Reader):
    """In the place of a reader, so that a file that no reader knows is refused like any other."""

    name = NO_READER
    summary = "refuses every file"

    def read(self, path: Path) -> Iterator[Any]:
        raise ReaderError(
            f"{path.name}: no reader knows it; say --reader"
            if path.exists()
            else f"{path.name}: no such file"
        )


def recognised(path: Path, readers: Mapping[str, type[Reader]]) -> str:
    """Name of the first of ``readers`` that knows the file; ``NO_READER`` where none does, or it cannot be read."""
    return next((name for name, reader in readers.items() if reader().recognises(path)), NO_READER)
