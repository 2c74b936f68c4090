"""Scores as CSV and as JSON. No Django."""

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import IO, Any

import orjson

from .base import CHUNK_ROWS, KEY, SCORE, STEP, Rows, ScoreFileError, as_rows
from .naming import NUMBERS, TEXTS, keys_of, naming_columns

LONGEST_LINE = 4_096
MOST_JSON = 64 << 20
HINT = {KEY: f" (or {' and '.join(NUMBERS)})"}


def read_csv(stream: IO[bytes]) -> Iterator[Rows]:
    """A header with what names the row and ``score``, for series ``step`` too; other columns are passed over."""
    lines = _lines(stream)
    try:
        rows = csv.reader(lines, strict=True)
        names = [name.strip() for name in next(rows, [])]
        named = {name: _column(names, name) for name in naming_columns(names)}
        score = _column(names, SCORE)
        step = names.index(STEP) if STEP in names else None
        first = 1
        while block := list(islice(rows, CHUNK_ROWS)):
            _check_width(block, len(names), first)
            steps = None if step is None else [_integer(row[step]) for row in block]
            keys = keys_of(first, {name: [row[at] for row in block] for name, at in named.items()})
            yield as_rows(first, keys, steps, [row[score] for row in block])
            first += len(block)
    except csv.Error as error:
        raise ScoreFileError(f"not CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise ScoreFileError(f"not UTF-8 text: {error.reason}") from error


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines of text, none longer than a key and a score can be."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise ScoreFileError(f"line {number} is longer than {LONGEST_LINE} bytes")
        yield line.decode("utf-8-sig" if number == 1 else "utf-8")


def _column(names: list[str], name: str) -> int:
    if names.count(name) != 1:
        raise ScoreFileError(
            f"one column {name!r} is needed{HINT.get(name, '')}; there is {', '.join(names)[:200] or 'no header'}"
        )
    return names.index(name)


def _check_width(block: list[list[str]], width: int, first: int) -> None:
    for place, row in enumerate(block):
        if len(row) != width:
            raise ScoreFileError(f"row {first + place}: {len(row)} columns, expected {width}")


def _integer(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


def read_json(stream: IO[bytes]) -> Iterator[Rows]:
    """``{"key": […], "score": […]}``, or ``run`` and ``lumisection`` for ``key``; ``null``: nothing was scored."""
    content = stream.read(MOST_JSON + 1)
    if len(content) > MOST_JSON:
        raise ScoreFileError(f"JSON of more than {MOST_JSON >> 20} MB: send Parquet or Arrow")
    try:
        columns = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ScoreFileError(f"not JSON: {error}") from error
    return read_columns(columns)


def read_columns(columns: Any) -> Iterator[Rows]:
    """The same, already parsed."""
    if not isinstance(columns, Mapping) or not _are_known(set(columns)):
        raise ScoreFileError(
            f'an object of the lists "{KEY}", "{SCORE}" and for series "{STEP}" is needed, '
            f'or of {", ".join(NUMBERS)}, "{SCORE}" and where needed {", ".join(TEXTS)}'
        )
    lengths = {len(column) if isinstance(column, list) else -1 for column in columns.values()}
    if len(lengths) != 1 or lengths == {-1}:
        raise ScoreFileError("the columns are lists of one length")
    for start in range(0, lengths.pop(), CHUNK_ROWS):
        part = {name: column[start : start + CHUNK_ROWS] for name, column in columns.items()}
        named = {name: part[name] for name in naming_columns(part)}
        yield as_rows(start + 1, keys_of(start + 1, named), part.get(STEP), part[SCORE])


def _are_known(names: set[Any]) -> bool:
    if KEY in names:
        return {KEY, SCORE} <= names <= {KEY, SCORE, STEP}
    return {*NUMBERS, SCORE} <= names <= {*NUMBERS, *TEXTS, SCORE}
