"""A whole JSON file in memory, or the one line that says why not. No Django."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from project.records import ReaderError

MAX_BYTES = 512 << 20


def load_object(path: Path, parse: Callable[[bytes], Any], max_bytes: int = MAX_BYTES) -> Any:
    """What ``parse`` makes of the bytes of ``path``, which must be a JSON object of at most ``max_bytes``."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise ReaderError(f"{path.name}: {size} bytes, more than {max_bytes} that are read at once")
        content = path.read_bytes()
    except OSError as error:
        raise ReaderError(f"{path.name}: cannot be read: {error.strerror}") from error
    if not content.strip():
        raise ReaderError(f"{path.name}: empty file")
    try:
        document = parse(content.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise ReaderError(f"{path.name}: not JSON: {' '.join(str(error).split())}") from error
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        raise ReaderError(f"{path.name}: JSON, but not an object of names and values")
    return document
