"""Saved answers of a service: one page, a list of pages, or one page a line. No Django."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from project.records import ReaderError

MAX_BYTES = 512 << 20
BOM = b"\xef\xbb\xbf"


def pages(path: Path, max_bytes: int = MAX_BYTES) -> Iterator[Any]:
    """Every page of ``path``. A file of one page a line is read line by line, another at once (≤ ``max_bytes``).

    Raises ReaderError when it is empty, no JSON or too large.
    """
    try:
        with path.open("rb") as file:
            first = _line(file.readline(max_bytes + 1), path, max_bytes).removeprefix(BOM)
            while not first.strip() and (first := file.readline(max_bytes + 1)):
                pass
            if not first.strip():
                raise ReaderError(f"{path.name}: empty file")
            if _is_json(first):
                yield from _flat(orjson.loads(first))
                for number, line in enumerate(file, 2):
                    if line.strip():
                        yield from _flat(_parsed(line, path, f" in line {number}"))
                return
            rest = file.read(max_bytes + 1)
    except OSError as error:
        raise ReaderError(f"{path.name}: cannot be read: {error.strerror}") from error
    yield from _flat(_parsed(_line(first + rest, path, max_bytes), path))


def _line(content: bytes, path: Path, max_bytes: int) -> bytes:
    if len(content) > max_bytes:
        raise ReaderError(f"{path.name}: more than {max_bytes} bytes that are read at once")
    return content


def _is_json(content: bytes) -> bool:
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return True


def _parsed(content: bytes, path: Path, where: str = "") -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ReaderError(f"{path.name}: not JSON{where}: {error}") from error


def _flat(document: Any) -> Iterator[Any]:
    if isinstance(document, list):
        yield from document
    else:
        yield document
