"""Files of ranges from which certifications are proposed: golden JSON, or CSV with a line for each range. No Django."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from project.errors import UserError
from project.records import CONTROL, BadRow, ReaderError
from project.uploads.names import clean_name
from runs.readers.certification_json import GoldenJson

MOST_BYTES = 2 << 20
MOST_TOLD = 5
BIGGEST = 2**31 - 1
COLUMNS = ("run", "first", "last", "status")
STATUSES = ("GOOD", "BAD", "STANDBY", "EXCLUDED", "NOTSET", "EMPTY")

Ranges = list[tuple[int, int | None, str]]


@dataclass
class RangeFile:
    """``ranges`` by run: first, last (None: the end of the run), status; and which bytes said so."""

    name: str
    sha256: str
    kind: str
    ranges: dict[int, Ranges] = field(default_factory=dict)

    def evidence(self) -> dict[str, dict[str, str]]:
        return {"file": {"name": self.name, "sha256": self.sha256, "kind": self.kind}}


def read_ranges(name: str, content: bytes) -> RangeFile:
    """Golden JSON where it begins as JSON does, else CSV. UserError, naming the lines, where anything is wrong."""
    name = clean_name(name)
    if len(content) > MOST_BYTES:
        raise UserError(f"{name}: larger than {MOST_BYTES >> 20} MB")
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    found = RangeFile(name, hashlib.sha256(content).hexdigest(), "golden JSON" if is_json else "CSV")
    wrong: list[BadRow] = []
    for row in _json(name, content) if is_json else _csv(name, content):
        if isinstance(row, BadRow):
            wrong.append(row)
        else:
            run, first, last, status = row
            found.ranges.setdefault(run, []).append((first, last, status))
    if wrong:
        told = "; ".join(f"line {row.line}: {row.reason}" for row in wrong[:MOST_TOLD])
        raise UserError(
            f"{name}: {told}" + (f"; and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else "")
        )
    if not found.ranges:
        raise UserError(f"{name}: holds no range")
    return found


Row = tuple[int, int, int | None, str] | BadRow


def _json(name: str, content: bytes) -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            for row in GoldenJson().read(path):
                yield row if isinstance(row, BadRow) else (row.run, row.first, row.last, row.status)
        except ReaderError as error:
            raise UserError(str(error)) from error


def _csv(name: str, content: bytes) -> Iterator[Row]:
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{name}: not UTF-8 text") from error
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [cell.strip().lower() for cell in next(rows, [])]
        if tuple(head) != COLUMNS:
            raise UserError(
                f"{name}: line 1: the columns are {','.join(COLUMNS)}, not {','.join(head)[:100]!r}"
            )
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield _row(rows.line_num, [cell.strip() for cell in cells])
    except csv.Error as error:
        raise UserError(f"{name}: line {rows.line_num}: {error}") from error


def _row(line: int, cells: list[str]) -> Row:
    if len(cells) != len(COLUMNS):
        return BadRow(line, f"{len(cells)} cells, {len(COLUMNS)} are needed")
    run, first, last, status = cells
    for column, text in (("run", run), ("first", first or "1"), ("last", last or "1")):
        if not text.isascii() or not text.isdigit() or len(text) > 10 or not 1 <= int(text) <= BIGGEST:
            return BadRow(
                line, f"{column} {CONTROL.sub('', text)!r:.40} is not a whole number from 1 to {BIGGEST}"
            )
    if status.upper() not in STATUSES:
        return BadRow(line, f"status {CONTROL.sub('', status)!r:.40} is none of {', '.join(STATUSES)}")
    if last and int(last) < int(first or 1):
        return BadRow(line, f"last {last} is before first {first}")
    return int(run), int(first or 1), int(last) if last else None, status.upper()
