"""Certification JSON as CMS writes it, and what is wrong in it: every fault with its run and range. No Django."""

import json
import re
from bisect import bisect
from itertools import pairwise
from typing import Any, NamedTuple

from runs.masks.mask import LAST, Mask, Range

ALL = [-1]
"""Stands for a range: the whole run."""
WRONG, UNTIDY, UNKNOWN = "wrong", "untidy", "unknown"


class Fault(NamedTuple):
    """What is the matter with one range. ``level``: wrong (it is no range), untidy (it was put right: the same
    lumisections in order and merged), unknown (there are no such run or lumisections here).
    """

    level: str
    run: str
    range: str
    what: str
    line: int = 0

    def __str__(self) -> str:
        place = f"run {self.run}" + (f", range {self.range}" if self.range else "")
        return f"line {self.line}: {place}: {self.what}" if self.line else f"{place}: {self.what}"


class Parsed(NamedTuple):
    """A mask, and all that was wrong with the text it comes from."""

    mask: Mask
    faults: list[Fault]

    @property
    def wrong(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.level == WRONG]


def parse_mask(content: bytes) -> Parsed:
    """``{"316187": [[1, 1091], [1093, 1100]]}``: ranges inclusive, ``[[-1]]`` the whole run.

    ValueError with the reason where it is no JSON object. What is wrong in the object becomes a fault, and the rest
    is read.
    """
    pairs, lines = _object(content.removeprefix(b"\xef\xbb\xbf"))
    faults: list[Fault] = []
    ranges: list[tuple[int, int, int | None]] = []
    seen: dict[int, None] = {}
    for line, (key, value) in zip(lines, pairs, strict=True):
        run = run_number(key)
        if run is None:
            faults.append(Fault(WRONG, f"{key[:40]!r}", "", "is not a run number", line))
            continue
        good, reasons = good_ranges(value)
        faults += (Fault(WRONG, key, text, why, line) for text, why in reasons)
        faults += (Fault(UNTIDY, key, text, why, line) for text, why in _untidy(good))
        faults += (Fault(UNTIDY, key, "", why, line) for why in _misplaced(run, seen))
        seen[run] = None
        ranges += ((run, first, last) for first, last in good)
    return Parsed(Mask.of(ranges), faults)


def _object(content: bytes) -> tuple[list[tuple[str, Any]], list[int]]:
    if not content.strip():
        raise ValueError("empty: not even {}")
    try:
        found = pairs_of(content)
    except RecursionError as error:
        raise ValueError("not JSON: too deep") from error
    except ValueError as error:
        raise ValueError(f"not JSON: {' '.join(str(error).split())[:200]}") from error
    if content.lstrip()[:1] != b"{":
        raise ValueError("JSON, but not an object of runs and ranges")
    return found


def pairs_of(content: bytes) -> tuple[list[tuple[str, Any]], list[int]]:
    """The pairs of the outermost object, repeated keys too, and the line each begins on."""
    text = content.decode("utf-8")
    pairs = json.loads(text, object_pairs_hook=list)
    count = len(pairs) if isinstance(pairs, list) else 0
    # Keys are found again in the text, since no JSON parser tells where they stood; line 1 when that fails.
    keys = [match.start() for match in re.finditer(r'"[^"\\]*"\s*:', text)]
    ends = [match.start() for match in re.finditer("\n", text)]
    lines = [bisect(ends, key) + 1 for key in keys] if len(keys) == count else [1] * count
    return pairs, lines


def run_number(key: str) -> int | None:
    return int(key) if re.fullmatch(r"[0-9]{1,10}", key) and 0 < int(key) <= LAST else None


def good_ranges(value: Any) -> tuple[list[Range], list[tuple[str, str]]]:
    """The ranges that are ranges; and the others, each with the reason why it is none."""
    if not isinstance(value, list):
        return [], [(f"{value!r:.60}", "is not a list of ranges")]
    good: list[Range] = []
    reasons = []
    for part in value:
        reason = _fault(part)
        if reason:
            reasons.append((f"{part!r:.60}", reason))
        else:
            good.append((1, None) if part == ALL else (part[0], part[1]))
    return good, reasons


def _fault(part: Any) -> str:
    if part == ALL:
        return ""
    if not isinstance(part, list) or len(part) != 2 or any(type(number) is not int for number in part):
        return "is not a range of two whole numbers"
    if part[0] > part[1]:
        return "is reversed"
    return "" if part[0] >= 1 and part[1] <= LAST else f"is not within 1 to {LAST}"


def _untidy(ranges: list[Range]) -> list[tuple[str, str]]:
    """What is not in order, overlaps or adjoins another, as text and reason."""
    found = [
        (spelt(two), f"comes after {spelt(one)}, which begins later")
        for one, two in pairwise(ranges)
        if two[0] < one[0]
    ]
    ordered = sorted(ranges, key=lambda part: part[0])
    reach = ordered[:1]
    for part in ordered[1:]:
        end = _end(reach[-1])
        if part[0] <= end:
            found.append((spelt(part), f"overlaps {spelt(reach[-1])}"))
        elif part[0] == end + 1:
            found.append((spelt(part), f"adjoins {spelt(reach[-1])}: they are one range"))
        if _end(part) > end:
            reach.append(part)
    return found


def _end(part: Range) -> int:
    return LAST if part[1] is None else part[1]


def _misplaced(run: int, seen: dict[int, None]) -> list[str]:
    if run in seen:
        return ["named twice: its ranges are joined, where other programs keep the last"]
    before = next(reversed(seen), run)
    return [f"comes after run {before}"] if run < before else []


def spelt(part: Range) -> str:
    first, last = part
    if last is None:
        return "[-1]" if first == 1 else f"[{first}, end]"
    return f"[{first}, {last}]"
