"""What a file begins with. No Django."""

from pathlib import Path

from project.records import ReaderError


def begins_with(path: Path, magic: bytes) -> bool:
    """Whether these are the first bytes of the file; ReaderError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError as error:
        raise ReaderError(f"{path.name}: cannot be read: {error.strerror}") from error
