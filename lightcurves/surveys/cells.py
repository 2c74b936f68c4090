"""Columns of texts or numbers as arrays, each cell that is neither noted with its reason. No Django."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .rows import Column

Floats = NDArray[np.float64]
Faults = dict[int, str]  # first fault of each row of a chunk

EMPTY = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
LONGEST = 200  # characters of a name
LARGEST_FLAG = 2**32 - 1


def to_floats(column: Column, name: str, faults: Faults, parse: Callable[[str], float] = float) -> Floats:
    """Float64, NaN where the cell is empty; what is no number is NaN and a fault."""
    if parse is float:
        try:
            return np.array(column, dtype=np.float64)
        except ValueError:
            pass  # some cell is empty or broken: find out which
    values = np.full(len(column), np.nan)
    for row, text in enumerate(map(str, column)):
        if text.strip().lower() in EMPTY:
            continue
        try:
            values[row] = parse(text)
        except (ValueError, OverflowError):
            faults.setdefault(row, f"{name} is {text[:40]!r}, not a {'number' if parse is float else 'time'}")
    return values


def to_names(column: Column, name: str, faults: Faults, *, required: bool) -> list[bytes]:
    """Texts without surrounding blanks as UTF-8, so that they fit into an array without objects."""
    names = [str(text).strip().encode() for text in column]
    for row, text in enumerate(names):
        if required and not text:
            faults.setdefault(row, f"{name} is empty")
        elif len(text) > LONGEST:
            faults.setdefault(row, f"{name} is longer than {LONGEST} bytes")
            names[row] = b""
        elif b"\0" in text:
            faults.setdefault(row, f"{name} holds a NUL")
    return names


def to_flags(column: Column, name: str, faults: Faults) -> NDArray[np.uint32]:
    """Bit masks; an empty cell is 0, good."""
    flags = np.nan_to_num(to_floats(column, name, faults))
    wrong = (flags != np.floor(flags)) | (flags < 0) | (flags > LARGEST_FLAG)
    note(faults, wrong, lambda row: f"{name} is {flags[row]:g}, not a whole number from 0 to {LARGEST_FLAG}")
    return np.where(wrong, 0, flags).astype(np.uint32)


def note(faults: Faults, wrong: NDArray[np.bool_], reason: Callable[[int], str]) -> None:
    """Add a fault for every row where ``wrong`` holds and none is known yet."""
    for row in np.flatnonzero(wrong).tolist():
        faults.setdefault(row, reason(row))
