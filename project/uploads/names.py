"""What a file is called and what it is. No Django."""

import re
from pathlib import PurePosixPath

from project.errors import UserError

LONGEST = 120
CSV, CSV_GZ, JSON, PARQUET = "csv", "csv.gz", "json", "parquet"
TYPES = (CSV, CSV_GZ, JSON, PARQUET)
SUFFIXES: dict[str, tuple[str, ...]] = {
    ".csv.gz": (CSV_GZ,),
    ".csv": (CSV,),
    ".json": (JSON,),
    ".txt": (JSON, CSV),
    ".parquet": (PARQUET,),
    ".pq": (PARQUET,),
}
HEAD = 1 << 16
"""Bytes of the beginning that tell what a file is."""


def clean_name(name: str) -> str:
    """The name without folders and without what means something to a shell, a browser or a file system."""
    base = name.replace("\\", "/").rpartition("/")[2]
    plain = re.sub(r"[^A-Za-z0-9._+-]", "_", base).lstrip(".-_")
    return plain[-LONGEST:].lstrip(".-_") or "upload"


def type_of(name: str, head: bytes, tail: bytes) -> str:
    """One of ``TYPES``, which the name promises and the content is. UserError where they differ."""
    suffix = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), None)
    if suffix is None:
        raise UserError(
            f"{name}: only {', '.join(SUFFIXES)} are taken, not {PurePosixPath(name).suffix or 'this'!r}"
        )
    held = _held(head, tail)
    if held not in SUFFIXES[suffix]:
        raise UserError(f"{name}: is called {suffix} and holds {held or 'something else'}")
    return held


def _held(head: bytes, tail: bytes) -> str:
    if head.startswith(b"\x1f\x8b"):
        return CSV_GZ
    if head.startswith(b"PAR1"):
        return PARQUET if tail.endswith(b"PAR1") else ""
    if not _is_text(head):
        return ""
    return JSON if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else CSV


def _is_text(head: bytes) -> bool:
    if b"\0" in head or not head.strip():
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) == HEAD  # a letter cut in two
    return True
