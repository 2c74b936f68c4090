"""What every reader yields beside its records, and how it refuses a file. No Django."""

from typing import NamedTuple


class ReaderError(Exception):
    """The file is not what the reader expects: nothing of it can be trusted. One line, naming file and place."""


class BadRow(NamedTuple):
    """A row that could not become a record; it goes to the file's error report and stops nothing."""

    line: int
    reason: str
