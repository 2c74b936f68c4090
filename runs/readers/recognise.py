"""Which reader a file is for, by its name and its beginning. No Django."""

from collections.abc import Mapping
from pathlib import Path

from project.records import ReaderError
from runs.readers.base import Reader

HEAD = 1 << 16


def recognised(path: Path, readers: Mapping[str, type[Reader]]) -> str:
    """Name of the first of ``readers`` that knows the file; ReaderError where none does."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise ReaderError(f"{path.name}: cannot be read: {error.strerror}") from error
    for name, reader in readers.items():
        if reader.knows(path.name, head):
            return name
    raise ReaderError(f"{path.name}: no reader knows it; --reader names one of {', '.join(sorted(readers))}")
