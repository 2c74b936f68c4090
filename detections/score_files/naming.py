"""How the rows of a score file name what they score: by ``key``, or by run and lumisection. No Django."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .base import KEY, ScoreFileError

NUMBERS = ("run", "lumisection")
TEXTS = ("experiment", "element")


def naming_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` that say what a row is of.

    Without ``key`` these are ``run`` and ``lumisection``, with ``experiment`` and ``element`` where they are there.
    """
    there = set(names)
    if KEY in there or not there & set(NUMBERS):
        return (KEY,)
    return (*NUMBERS, *(name for name in TEXTS if name in there))


def keys_of(first: int, columns: Mapping[str, Sequence[Any]]) -> list[Any]:
    """A key per row: that of the file, or ``<experiment>:<run>:<lumisection> <element>`` without what is not there."""
    if KEY in columns:
        return list(columns[KEY])
    runs, lumisections = (
        [_whole(first, name, at, value) for at, value in enumerate(columns[name])] for name in NUMBERS
    )
    keys = [f"{run}:{lumisection}" for run, lumisection in zip(runs, lumisections, strict=True)]
    if "experiment" in columns:
        keys = [f"{_text(first, 'experiment', at, columns)}:{key}" for at, key in enumerate(keys)]
    if "element" in columns:
        keys = [f"{key} {_text(first, 'element', at, columns)}" for at, key in enumerate(keys)]
    return keys


def _whole(first: int, name: str, at: int, value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ScoreFileError(f"row {first + at}: {name} {value!r:.60} is not a whole number from 0")


def _text(first: int, name: str, at: int, columns: Mapping[str, Sequence[Any]]) -> str:
    value = columns[name][at]
    if not isinstance(value, str) or not value:
        raise ScoreFileError(f"row {first + at}: {name} {value!r:.60} is not a text")
    return value
