"""Strips, sparklines and bars that fit into a table's cell: SVG made by the server, at most 3 kB each.

No script, no inline style: colours are classes of the CSS, and a state has a shape of its own beside its colour.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

COLUMNS = 120
"""A strip of more things has this many columns; each shows the most alarming state in it."""
ALARM = ("bad", "not scored", "no data", "empty", "good")
"""The five states, the most alarming first."""
SHAPES = {"good": (3, 9), "bad": (0, 12), "not scored": (5, 3), "no data": (3, 9), "empty": (9, 3)}
"""Top and height of each state in a strip 12 high."""
LONGEST = 200
"""Characters of a label; a hostile name must not make the page long."""


def strip(states: Iterable[str], label: str = "") -> SafeString:
    """The states of things in order, one of the five names each; ``label`` says whose they are."""
    return strip_of(((state, sum(1 for _ in same)) for state, same in groupby(states)), label)


def strip_of(spans: Iterable[tuple[str, int]], label: str = "") -> SafeString:
    """The same of states that are counted already: ``[("good", 44), ("bad", 3)]``. Nothing where nothing is.

    Raises ValueError for a name that is not one of the five states.
    """
    counted = [(state, n) for state, n in spans if n > 0]
    total = sum(n for _, n in counted)
    if unknown := {state for state, _ in counted} - set(ALARM):
        raise ValueError(f"no such state: {', '.join(sorted(unknown))}; there is {', '.join(ALARM)}")
    if not total:
        return SafeString("")
    columns = _columns(counted, total)
    paths = _paths(columns)
    return format_html(
        '<svg class="strip" viewBox="0 0 {} 12" preserveAspectRatio="none" role="img"><title>{}{}</title>{}</svg>',
        len(columns), f"{label[:LONGEST]}: " if label else "", _in_words(counted), mark_safe("".join(paths)),  # noqa: S308  numbers and names of ours
    )  # fmt: skip


def _columns(counted: list[tuple[str, int]], total: int) -> list[str]:
    width = min(total, COLUMNS)
    columns = [""] * width
    placed, at = [], 0
    for state, n in counted:
        placed.append((ALARM.index(state), at, at + n))
        at += n
    for rank, first, end in sorted(placed, reverse=True):
        left, right = first * width // total, -(-end * width // total)
        columns[left:right] = [ALARM[rank]] * (right - left)
    return columns


def _paths(columns: list[str]) -> list[str]:
    steps: dict[str, list[str]] = {}
    at = 0
    for state, same in groupby(columns):
        width, (top, height) = len(list(same)), SHAPES[state]
        steps.setdefault(state, []).append(f"M{at} {top}h{width}v{height}h-{width}z")
        at += width
    there = [(state, "".join(steps[state])) for state in ALARM if state in steps]
    return [f'<path class="s-{state.replace(" ", "-")}" d="{path}"/>' for state, path in there]


def _in_words(counted: list[tuple[str, int]]) -> str:
    sums: dict[str, int] = {}
    for state, n in counted:
        sums[state] = sums.get(state, 0) + n
    return ", ".join(f"{sums[state]:,} {state}" for state in reversed(ALARM) if state in sums)


WIDTH, HEIGHT = 120, 24
PIECES = 60


def spark(values: Sequence[Any], label: str = "") -> SafeString:
    """A small line through ``values`` in order; None and NaN are gaps. Long ones keep their extremes."""
    known = [None if value is None or not math.isfinite(value) else float(value) for value in values]
    finite = [value for value in known if value is not None]
    if not finite:
        return SafeString("")
    low, high = min(finite), max(finite)
    name = f"{label[:LONGEST]}: " if label else ""
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img">'
        "<title>{}{} values from {} to {}</title>{}</svg>",
        WIDTH, HEIGHT, name, f"{len(finite):,}", f"{low:.4g}", f"{high:.4g}",
        mark_safe(f'<path d="{_line(known, low, high)}"/>'),  # noqa: S308  numbers only
    )  # fmt: skip


def _line(known: list[float | None], low: float, high: float) -> str:
    across, tall = (WIDTH - 2) / max(len(known) - 1, 1), (HEIGHT - 2) / ((high - low) or 1)
    steps, drawn = [], False
    for at, value in _extremes(known):
        if value is not None:
            x, y = 1 + at * across, HEIGHT - 1 - (value - low) * tall
            # A lone point shows as a dot: the line has round ends.
            steps.append(f"L{x:.1f} {y:.1f}" if drawn else f"M{x:.1f} {y:.1f}h.1")
        drawn = value is not None
    return "".join(steps)


def _extremes(known: list[float | None]) -> Iterator[tuple[int, float | None]]:
    """All of a short line; of each piece of a long one the lowest and the highest, or a gap."""
    if len(known) <= 2 * PIECES:
        yield from enumerate(known)
        return
    for piece in range(PIECES):
        start, end = piece * len(known) // PIECES, (piece + 1) * len(known) // PIECES
        there = [(value, at) for at, value in enumerate(known[start:end], start) if value is not None]
        if not there:
            yield start, None
            continue
        yield from sorted({(at, value) for value, at in (min(there), max(there))})


def bar(value: float | None, top: float | None, label: str = "") -> SafeString:
    """A number as a bar; ``top`` is what the full width stands for."""
    if not value or not top:
        return SafeString("")
    width = 100 * min(max(value / top, 0), 1)
    return format_html(
        '<svg class="level" viewBox="0 0 100 8" preserveAspectRatio="none" role="img"><title>{}</title>'
        '<path d="M0 0h{}v8H0z"/></svg>',
        label[:LONGEST] or f"{value:.4g}", f"{width:.1f}",
    )  # fmt: skip
