"""Certification JSON: which lumisections are good, as golden and DCS-only files say. No Django."""

import json
import re
from bisect import bisect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from project.records import BadRow
from runs.readers.base import Reader
from runs.readers.json_file import load_object
from runs.records import CertificationRecord

MAX_INTEGER = 2**31 - 1  # what an integer column of a database holds
_ALL = [-1]

Range = tuple[int, int | None]


class _CertificationJson(Reader):
    """``{"316187": [[1, 1091], [1093, 1100]]}``: ranges inclusive, ``[[-1]]`` the whole run.

    Ranges are sorted, and those that touch or overlap are one. A run named twice keeps the ranges of both and
    is reported, since other programs read only the last. An absent run is not good, and not bad either.
    """

    flag: ClassVar[str]

    def read(self, path: Path) -> Iterator[CertificationRecord | BadRow]:
        path = Path(path)
        pairs, lines = load_object(path, _parse)
        ranges: dict[int, list[Range]] = {}
        first_line: dict[int, int] = {}
        for line, (key, value) in zip(lines, pairs, strict=True):
            run = _run_number(key)
            if run is None:
                yield BadRow(line, f"run {key!r} is not a run number")
                continue
            if run in ranges:
                yield BadRow(line, f"run {run} is named twice, its ranges are joined")
            first_line.setdefault(run, line)
            good, reasons = _good_ranges(value)
            ranges.setdefault(run, []).extend(good)
            yield from (BadRow(line, f"run {run}: {reason}") for reason in reasons)
        for run, parts in ranges.items():
            for first, last in merge_ranges(parts):
                yield CertificationRecord(first_line[run], run, first, last, self.flag, "GOOD")


class GoldenJson(_CertificationJson):
    name = "golden-json"
    summary = "CMS golden JSON: lumisections certified good for physics"
    flag = "golden"


class DcsJson(_CertificationJson):
    name = "dcs-json"
    summary = "CMS DCS-only JSON: lumisections with all detectors powered"
    flag = "dcs-only"


def merge_ranges(ranges: list[Range]) -> list[Range]:
    """The same lumisections in as few ranges as possible, in order; ``last`` None is the end of the run."""
    merged: list[Range] = []
    for first, last in sorted(ranges, key=lambda part: part[0]):
        if not merged:
            merged.append((first, last))
            continue
        before = merged[-1][1]
        if before is not None and first > before + 1:
            merged.append((first, last))
        elif before is not None and (last is None or last > before):
            merged[-1] = (merged[-1][0], last)
    return merged


def _parse(content: bytes) -> tuple[list[tuple[str, Any]], list[int]]:
    """The pairs of the outermost object, repeated keys too, and the line each begins on."""
    text = content.decode("utf-8")
    pairs = json.loads(text, object_pairs_hook=list)
    count = len(pairs) if isinstance(pairs, list) else 0
    # Keys are found again in the text, since no JSON parser tells where they stood; line 1 when that fails.
    keys = [match.start() for match in re.finditer(r'"[^"\\]*"\s*:', text)]
    ends = [match.start() for match in re.finditer("\n", text)]
    lines = [bisect(ends, key) + 1 for key in keys] if len(keys) == count else [1] * count
    return pairs, lines


def _run_number(key: str) -> int | None:
    return int(key) if re.fullmatch(r"[0-9]{1,10}", key) and 0 < int(key) <= MAX_INTEGER else None


def _good_ranges(value: Any) -> tuple[list[Range], list[str]]:
    """The ranges that are ranges, and why the others are not."""
    if not isinstance(value, list):
        return [], [f"{value!r:.60} is not a list of ranges"]
    good: list[Range] = []
    reasons = []
    for part in value:
        reason = _fault(part)
        if reason:
            reasons.append(reason)
        else:
            good.append((1, None) if part == _ALL else (part[0], part[1]))
    return good, reasons


def _fault(part: Any) -> str:
    if part == _ALL:
        return ""
    if not isinstance(part, list) or len(part) != 2 or any(type(number) is not int for number in part):
        return f"{part!r:.60} is not a range of two whole numbers"
    if part[0] > part[1]:
        return f"range {part} is reversed"
    if part[0] < 1 or part[1] > MAX_INTEGER:
        return f"range {part} is not within 1 to {MAX_INTEGER}"
    return ""
