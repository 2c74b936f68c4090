"""Which of the formats a file is in. No Django."""

from collections.abc import Callable, Iterator
from typing import IO

from .arrow import read_arrow, read_parquet
from .base import Rows, ScoreFileError
from .texts import read_csv, read_json

FORMATS = ("csv", "json", "parquet", "arrow")
ARROW_STREAM = b"\xff\xff\xff\xff"


def read_scores(stream: IO[bytes]) -> Iterator[Rows]:
    """The rows of a file in any of ``FORMATS``, told by its first bytes. ScoreFileError says what is wrong."""
    head = stream.read(64)
    stream.seek(0)
    if not head.strip():
        raise ScoreFileError("the file is empty")
    return _reader_of(head)(stream)


def _reader_of(head: bytes) -> Callable[[IO[bytes]], Iterator[Rows]]:
    if head.startswith(b"PAR1"):
        return read_parquet
    if head.startswith((b"ARROW1", ARROW_STREAM)):
        return read_arrow
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return read_json
    if b"\0" in head or head.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise ScoreFileError(f"not one of {', '.join(FORMATS)}")
    return read_csv
