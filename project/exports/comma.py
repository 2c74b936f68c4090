"""CSV: vectors and lists as JSON, times in ISO 8601, and no cell that a spreadsheet would run as a formula."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import orjson

from project.exports.arrow import as_text
from project.exports.chunks import Cells, plain_values
from project.exports.columns import Column
from project.exports.rows import Source
from project.ragged import Vectors
from project.renderers import OPTIONS, plain

QUOTE = '"'
TO_QUOTE = re.compile(r'[",\r\n]|^\s|\s$')
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def comma(source: Source) -> Iterator[bytes]:
    """A header of names, then a line per row (RFC 4180, UTF-8)."""
    yield _lines([[column.name] for column in source.columns])
    for chunk in source.chunks():
        yield _lines([_texts(chunk.cells[column.name], column) for column in source.columns])


def _lines(columns: list[Sequence[str]]) -> bytes:
    # The module csv looks at each character of vectors that hold nothing to quote.
    return "".join(f"{line}\r\n" for line in map(",".join, zip(*columns, strict=True))).encode()


def _texts(cells: Cells | Vectors, column: Column) -> Sequence[str]:
    """The cells of a column as they are written, empty where there is no value."""
    if isinstance(cells, Vectors):
        return _vector_texts(cells)
    show = SHOWN.get(column.kind, repr)
    texts = ["" if value is None else _quoted(show(value)) for value in plain_values(cells.values)]
    return texts if cells.places is None else [text or "" for text in Cells(texts, cells.places)]


def _vector_texts(vectors: Vectors) -> list[str]:
    texts = [""] * len(vectors)
    for rows, block in vectors.blocks():
        dtype = "<f8" if block.dtype.kind == "f" else block.dtype
        lists = _json(np.ascontiguousarray(block, dtype))[1:-1].replace("],[", "]\n[").split("\n")
        for row, text in zip(rows.tolist(), lists, strict=True):
            texts[row] = f'"{text}"'
    for row in np.flatnonzero(vectors.missing):
        texts[row] = ""
    return texts


def _quoted(text: str) -> str:
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if TO_QUOTE.search(text) else text


def guarded(value: Any) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front, and
    so does one that begins with apostrophes and then like a formula, so that taking one away gives the text again.
    """
    text = as_text(value)
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def _moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _json(value: Any) -> str:
    return orjson.dumps(value, plain, OPTIONS).decode()


SHOWN: dict[str, Callable[[Any], str]] = {
    "text": guarded,
    "truth": lambda value: "true" if value else "false",
    "moment": _moment,
    "json": as_text,
    "wholes": _json,
    "numbers": _json,
    "texts": _json,
}
