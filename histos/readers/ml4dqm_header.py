"""The header of an ML4DQM CSV: where each column is, and which of them say the same twice. No Django."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from histos.readers.base import RowError
from histos.readers.rows import physical_lines, split_fields
from project.records import BadRow, ReaderError

COLUMNS = ("fromrun", "fromlumi", "hname", "metype", "histo", "entries",
           "Xmax", "Xmin", "Xbins", "Ymax", "Ymin", "Ybins")  # fmt: skip
_LONGEST_HEADER = 1 << 16


@dataclass(frozen=True)
class Header:
    """``at`` maps a column to its position, ``twins`` are pairs of positions whose fields must agree."""

    at: dict[str, int]
    twins: tuple[tuple[str, int, int], ...]
    width: int

    def check(self, fields: Sequence[bytes]) -> None:
        if len(fields) != self.width:
            raise RowError(f"{len(fields)} columns, expected {self.width}")
        for name, first, second in self.twins:
            if fields[first] != fields[second] and fields[first].strip() != fields[second].strip():
                raise RowError(f"the two columns {name} differ")

    def starts_row(self, line: bytes) -> bool:
        """Whether ``line`` begins a row: all that precedes its list is in place, numbers are numbers."""
        head = line.split(b"[", 1)[0].rstrip(b' "') if b"[" in line else b""
        fields = [field.strip(b' "') for field in head.split(b",")]
        if len(fields) != self.at["histo"] + 1:
            return False
        numbers = (self.at["fromrun"], self.at["fromlumi"], self.at["metype"])
        return all(fields[at].isdigit() for at in numbers if at < len(fields))


def read_header(stream: BinaryIO, path: Path) -> Header:
    """The header of the file at ``path``, the first line of ``stream``."""
    name = path.name
    line = next(physical_lines(stream, path, 1, _LONGEST_HEADER), (1, b""))
    if isinstance(line, BadRow):
        raise ReaderError(f"{name}: not CSV text, line 1 is too long for a header: {line.reason}")
    columns = _column_names(line[1], name)
    at: dict[str, int] = {}
    twins = []
    for position, column in enumerate(columns):
        if column in at and column in COLUMNS:
            twins.append((column, at[column], position))
        at.setdefault(column, position)
    missing = [column for column in COLUMNS if column not in at]
    if missing:
        raise ReaderError(f"{name}: not an ML4DQM CSV, missing column {', '.join(missing)}")
    return Header(at, tuple(twins), len(columns))


def _column_names(line: bytes, name: str) -> list[str]:
    if not line.strip():
        raise ReaderError(f"{name}: {'line 1 is blank, expected the header' if line else 'empty file'}")
    try:
        text = line.decode("utf-8-sig")
        fields = split_fields(text.encode())
    except UnicodeDecodeError:
        fields = [b"\0"]
    except RowError as error:
        raise ReaderError(f"{name}: line 1 is no CSV header: {error}") from error
    if any(b"\0" in field for field in fields):
        raise ReaderError(f"{name}: binary, not CSV text")
    # pandas writes the second of two equal names as fromrun.1
    return [re.sub(r"\.\d+$", "", field.decode().strip()) for field in fields]
