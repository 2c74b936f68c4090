"""Single values of a row, checked; RowError says what is wrong with which field. No Django."""

import math
from datetime import UTC, datetime
from typing import Any

from runs.readers.base import RowError

MAX_INTEGER = 2**31 - 1  # what an integer column of a database holds


def whole(value: Any, name: str) -> int:
    """A whole number from 1."""
    if type(value) is not int:
        raise RowError(f"{name} is not a whole number: {value!r:.60}")
    if not 1 <= value <= MAX_INTEGER:
        raise RowError(f"{name} is {value}, expected 1 to {MAX_INTEGER}")
    return value


def whole_text(text: Any, name: str) -> int:
    """The same, written as text; ``315257.0`` counts, as pandas writes it."""
    written = str(text if text is not None else "").strip().removesuffix(".0")
    if not written.isascii() or not written.isdigit() or len(written) > 10:
        raise RowError(f"{name} is not a whole number: {text!r:.60}")
    return whole(int(written), name)


def number(value: Any, name: str, factor: float = 1.0) -> float | None:
    """``value`` times ``factor``; NaN and infinity are what some tools write for an unknown number."""
    if value is None:
        return None
    if type(value) not in (int, float):
        raise RowError(f"{name} is not a number: {value!r:.60}")
    scaled = float(value) * factor
    return scaled if math.isfinite(scaled) else None


def number_text(text: str, name: str, factor: float = 1.0) -> float | None:
    """The same, written as text; nothing is an unknown number."""
    if not text.strip():
        return None
    try:
        return number(float(text), name, factor)
    except ValueError:
        raise RowError(f"{name} is not a number: {text!r:.60}") from None


def moment(value: Any, name: str) -> datetime | None:
    """A moment in UTC from ISO 8601; OMS leaves the zone out at times, and means UTC."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        raise RowError(f"{name} is not a time: {value!r:.60}") from None


def is_simple(value: Any) -> bool:
    """Whether it can be kept as it is: a truth, a text, a finite number, nothing."""
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool | int | str)
