"""What ``brilcalc lumi --byls`` writes: luminosity and pile-up of every lumisection. No Django."""

import csv
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from project.records import BadRow, ReaderError
from runs.readers.base import Reader, RowError
from runs.readers.table import opened
from runs.readers.units import luminosity_factor
from runs.readers.values import number_text, whole_text
from runs.records import LumisectionRecord, RunRecord

HEADER = "#run:fill"
TIME = "%m/%d/%y %H:%M:%S"
WITH_UNIT = re.compile(r"(delivered|recorded)\((.+)\)\Z")
Row = tuple[int, int | None, LumisectionRecord]


class Brilcalc(Reader):
    """``#run:fill,ls,time,hltpath,delivered(/fb),recorded(/fb),avgpu,source``, comments before and after.

    The unit is the header's. ``ls`` is the number of the luminometers and that of CMS; a 0 there means that CMS
    recorded nothing. Times are UTC, or seconds since 1970. ``flags`` keeps the luminometer, and the trigger
    path where there is one: its luminosity is what that path saw. A run's luminosity is the sum of its rows,
    and its fill that of the first of them.
    """

    name = "brilcalc-csv"
    summary = "brilcalc by-lumisection CSV: delivered and recorded luminosity, mean pile-up"
    signature = re.compile(rb"^(?:\xef\xbb\xbf)?#run:fill,", re.MULTILINE)

    def read(self, path: Path) -> Iterator[RunRecord | LumisectionRecord | BadRow]:
        path = Path(path)
        gathered: list[Row] = []
        done: set[int] = set()
        with opened(path) as text:
            for item in _rows(text, path.name):
                if isinstance(item, BadRow):
                    yield item
                    continue
                if gathered and gathered[0][0] != item[0]:
                    yield from _run(gathered, done)
                    gathered = []
                gathered.append(item)
        yield from _run(gathered, done)


def _run(rows: list[Row], done: set[int]) -> Iterator[RunRecord | LumisectionRecord]:
    """A run and its lumisections; of a run that comes back further down only the lumisections."""
    if not rows:
        return
    number, fill, first = rows[0]
    if number not in done:
        recorded = [row.recorded_luminosity for _, _, row in rows if row.recorded_luminosity is not None]
        total = math.fsum(recorded) if recorded else None
        yield RunRecord(first.line, number, fill_number=fill, recorded_luminosity=total)
    done.add(number)
    yield from (row for _, _, row in rows)


def _rows(text: Iterator[str], name: str) -> Iterator[Row | BadRow]:
    lines = csv.reader(text)
    header = _header(lines, name)
    units = {
        column: _factor(column, found[2], name) for column in header if (found := WITH_UNIT.match(column))
    }
    for cells in lines:
        if not cells or cells[0].startswith("#"):
            continue
        try:
            if len(cells) != len(header):
                raise RowError(f"{len(cells)} columns, expected {len(header)}")
            yield _row(lines.line_num, dict(zip(header, cells, strict=True)), units)
        except RowError as error:
            yield BadRow(lines.line_num, str(error))


def _header(lines: Iterator[list[str]], name: str) -> list[str]:
    for cells in lines:
        if cells and cells[0] == HEADER:
            header = [cell.strip() for cell in cells]
            parts = {column.partition("(")[0] for column in header}
            if missing := [column for column in ("ls", "delivered", "recorded") if column not in parts]:
                raise ReaderError(
                    f"{name}: missing column {', '.join(missing)}: brilcalc lumi --byls writes it"
                )
            return header
        if cells and not cells[0].startswith("#"):
            break
    raise ReaderError(f"{name}: not of brilcalc: no line begins with {HEADER}")


def _factor(column: str, unit: str, name: str) -> float:
    factor = luminosity_factor(unit)
    if factor is None:
        raise ReaderError(f"{name}: {column} is not in a unit of integrated luminosity, such as /pb")
    return factor


def _row(line: int, cells: dict[str, str], units: dict[str, float]) -> Row:
    run, _, fill = cells[HEADER].partition(":")
    section, _, of_cms = cells["ls"].partition(":")
    if of_cms not in ("", "0", section):
        raise RowError(f"ls is {cells['ls']!r:.40}: the luminometers and CMS disagree")
    values = {column.partition("(")[0]: number_text(cells[column], column, units[column]) for column in units}
    flags = {"luminometer": cells.get("source", ""), "hlt_path": cells.get("hltpath", "")}
    record = LumisectionRecord(
        line, whole_text(run, "run"), whole_text(section, "ls"), _time(cells.get("time", "")),
        values["delivered"], values["recorded"], number_text(cells.get("avgpu", ""), "avgpu"),
        {name: value for name, value in flags.items() if value},
    )  # fmt: skip
    return record.run, whole_text(fill, "fill") if fill else None, record


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        return datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise RowError(f"time is {text!r:.40}, expected month/day/year hours:minutes:seconds") from None
