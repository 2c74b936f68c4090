"""CSV and JSON equivalents of the pickles in which flags and rates used to be handed around. No Django."""

import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from project.records import BadRow, Passed, ReaderError
from runs.masks import merge_ranges
from runs.readers.base import Reader, RowError
from runs.readers.table import table
from runs.readers.values import number_text, whole_text
from runs.records import CertificationRecord, LumisectionRecord

RUN, LUMISECTION = "run_number", "lumi_number"
FRACTION, FLAG = re.compile(r"fraction_(\w+)_GOOD\Z"), re.compile(r"(\w+)_flag\Z")
GOLDEN = "golden"
YES, NO = ("true", "1", "1.0", "good"), ("false", "0", "0.0", "bad")
UNKNOWN = ("", "nan", "none", "null")


class RunFractions(Reader):
    """``run_number, fraction_pixel_GOOD, …``: how much of each run is good, for each detector and object.

    1 is GOOD and 0 BAD for the whole run. Anything between leaves open which lumisections are good: NOTSET, with
    the fraction as its cause. A fraction that is not there says nothing.
    """

    name = "run-fractions"
    summary = "run-level flags, CSV or JSON: the fraction of each run that is good (legacy pickles' columns)"
    signature = re.compile(rb"\bfraction_\w+_GOOD\b")

    def read(self, path: Path) -> Iterator[CertificationRecord | BadRow]:
        path = Path(path)
        for line, row in table(path):
            named = _named(row, FRACTION, (RUN,), path.name)
            try:
                run = whole_text(row[RUN], RUN)
                said = {flag: _fraction(row[column], column) for column, flag in named.items()}
            except RowError as error:
                yield BadRow(line, str(error))
                continue
            for flag, fraction in said.items():
                if fraction is not None:
                    status = {1.0: "GOOD", 0.0: "BAD"}.get(fraction, "NOTSET")
                    yield CertificationRecord(line, run, 1, None, flag, status, f"{fraction:.6g} of it good")


class LumisectionFlags(Reader):
    """``run_number, lumi_number, golden_flag, pixel_flag, …``: yes or no of every lumisection, the whole file.

    Yes is GOOD, no is BAD; but a lumisection that is not golden is not judged by that, so of ``golden_flag`` only
    yes is stored. Neighbouring lumisections of the same answer are one range. The line of a range is that of its run.
    """

    name = "lumisection-flags"
    summary = "lumisection flags, CSV or JSON: yes or no by detector (legacy pickles' columns)"
    signature = re.compile(rb"\blumi_number\b.*_flag\b|_flag\b.*\blumi_number\b", re.DOTALL)

    def read(self, path: Path) -> Iterator[CertificationRecord | BadRow | Passed]:
        path = Path(path)
        said: dict[tuple[int, str, bool], array] = {}
        lines: dict[int, int] = {}
        for line, row in table(path):
            named = _named(row, FLAG, (RUN, LUMISECTION), path.name)
            try:
                run, section = whole_text(row[RUN], RUN), whole_text(row[LUMISECTION], LUMISECTION)
                answers = {flag: _answer(row[column], column) for column, flag in named.items()}
            except RowError as error:
                yield BadRow(line, str(error))
                continue
            lines.setdefault(run, line)
            for flag, answer in answers.items():
                if answer is not None:
                    said.setdefault((run, flag, answer), array("i")).append(section)
        yield from _twice(said, lines)
        yield from _certified(said, lines)


class Rates(Reader):
    """``attributes.run_number, attributes.first_lumisection_number, attributes.rate``: a trigger's rate (Hz).

    It becomes the flag ``rate`` of the lumisection; ``label`` names it otherwise.
    """

    name = "oms-rate"
    signature = re.compile(rb"\battributes\.rate\b")
    summary = "trigger rate per lumisection, CSV or JSON (legacy OMS pickles' columns)"
    columns = ("attributes.run_number", "attributes.first_lumisection_number", "attributes.rate")

    def __init__(self, *, label: str = "rate") -> None:
        self.label = label

    def read(self, path: Path) -> Iterator[LumisectionRecord | BadRow]:
        path = Path(path)
        for line, row in table(path):
            _named(row, None, self.columns, path.name)
            try:
                run, section = (whole_text(row[column], column) for column in self.columns[:2])
                rate = number_text(_text(row[self.columns[2]]), self.columns[2])
            except RowError as error:
                yield BadRow(line, str(error))
                continue
            flags = {} if rate is None else {self.label: rate}
            yield LumisectionRecord(line, run, section, flags=flags)


def _named(
    row: dict[str, Any], pattern: re.Pattern | None, needed: tuple[str, ...], name: str
) -> dict[str, str]:
    """By column the flag it is about; ReaderError where the table is another one."""
    if missing := [column for column in needed if column not in row]:
        raise ReaderError(f"{name}: missing column {', '.join(missing)}")
    if pattern is None:
        return {}
    found = {column: match[1] for column in row if (match := pattern.match(column))}
    if not found:
        raise ReaderError(f"{name}: no column is like {pattern.pattern.removesuffix(chr(92) + 'Z')}")
    return found


def _text(value: Any) -> str:
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in UNKNOWN else text


def _fraction(value: Any, column: str) -> float | None:
    fraction = number_text(_text(value), column)
    if fraction is not None and not 0.0 <= fraction <= 1.0:
        raise RowError(f"{column} is {fraction:g}, expected 0 to 1")
    return fraction


def _answer(value: Any, column: str) -> bool | None:
    text = _text(value).lower()
    if text and text not in YES + NO:
        raise RowError(f"{column} is neither yes nor no: {value!r:.40}")
    return text in YES if text else None


def _twice(said: dict[tuple[int, str, bool], array], lines: dict[int, int]) -> Iterator[BadRow]:
    """Both yes and no were said of a lumisection: neither counts."""
    for run, flag in sorted({key[:2] for key in said}):
        good, bad = said.get((run, flag, True)), said.get((run, flag, False))
        both = set(good) & set(bad) if good and bad else set()
        if both:
            yield BadRow(lines[run], f"run {run}: {flag} is both yes and no for lumisection {min(both)}")
        for answer in (True, False):
            if both:
                kept = (section for section in said[run, flag, answer] if section not in both)
                said[run, flag, answer] = array("i", kept)


def _certified(
    said: dict[tuple[int, str, bool], array], lines: dict[int, int]
) -> Iterator[CertificationRecord | Passed]:
    for (run, flag, answer), sections in said.items():
        if flag == GOLDEN and not answer:
            yield Passed(
                lines[run], f"run {run}: {len(sections)} lumisections not golden: not judged by that"
            )
            continue
        for first, last in merge_ranges([(section, section) for section in sections]):
            yield CertificationRecord(lines[run], run, first, last, flag, "GOOD" if answer else "BAD")
