"""What every reader yields beside its records, and how it refuses a file. No Django."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that no value of a row means; PostgreSQL cannot even keep the first."""


class ReaderError(Exception):
    """The file is not what the reader expects: nothing of it can be trusted. One line, naming file and place."""


class BadRow(NamedTuple):
    """A row that could not become a record; it goes to the file's error report and stops nothing."""

    line: int
    reason: str


class Passed(NamedTuple):
    """What a reader passes over on purpose, ``line`` 0 where it is no single row: told in the file's report, and no
    error.
    """

    line: int
    reason: str


def check_plain(values: Mapping[str, Any], what: str) -> None:
    """ValueError where a name or a text of ``values`` holds a control character."""
    _check_names(tuple(values), what)
    for name, value in values.items():
        if isinstance(value, str) and CONTROL.search(value):
            raise ValueError(f"{what} {name[:40]} is {value[:40]!r}: it holds a control character")


@lru_cache(256)  # the rows of a file share their names
def _check_names(names: tuple[str, ...], what: str) -> None:
    wrong = next((name for name in names if CONTROL.search(name)), None)
    if wrong is not None:
        raise ValueError(f"the name of {what} {wrong[:40]!r} holds a control character")
