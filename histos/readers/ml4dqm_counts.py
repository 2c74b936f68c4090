"""The ``histo`` field of an ML4DQM CSV: a list in any of the ways people wrote it. No Django."""

import struct
from functools import lru_cache
from typing import NoReturn

import numpy as np
import orjson

from histos.readers.base import RowError

_INT64 = np.dtype(np.int64)
_EXACT = 2.0**53  # whole numbers below are exact as float64


def parse_counts(text: bytes) -> np.ndarray:
    """The numbers of the list: int64 when all are whole, else float64. Refuses negative and non-finite ones.

    Understands JSON and what NumPy prints: separated by spaces or newlines, ``1.``-style.
    """
    try:
        values = orjson.loads(text)
        # It takes integers only and is faster than np.array; it would take true for 1, hence the "e".
        packed = _integers(len(values)).pack(*values)
        counts = np.frombuffer(packed, _INT64) if b"e" not in text else _parse_slowly(text)
    except (ValueError, TypeError, struct.error):
        counts = _parse_slowly(text)
    if b"-" in text and counts.min() < 0:
        raise RowError(f"negative count {counts.min():g} in bin {int(counts.argmin())}")
    return counts


@lru_cache(1024)
def _integers(number: int) -> struct.Struct:
    return struct.Struct(f"={number}q")


def _parse_slowly(text: bytes) -> np.ndarray:
    """Numbers that are not a JSON list of integers, or the reason why they are not numbers."""
    body = text.strip()
    if not (body.startswith(b"[") and body.endswith(b"]")):
        raise RowError(f"bad JSON: histo is not a closed list: {_shown(body)}")
    inner = body[1:-1]
    tokens = inner.split(b",") if b"," in inner else inner.split()
    if b"_" in inner:
        _refuse(inner, tokens)
    try:
        return np.array([int(token) for token in tokens], np.int64)
    except (ValueError, OverflowError):
        pass  # not whole as written, or too large for it
    try:
        counts = np.array([float(token) for token in tokens])
    except ValueError:
        _refuse(inner, tokens)
    finite = np.isfinite(counts)
    if not finite.all():
        place = int(finite.argmin())
        raise RowError(f"non-finite count {counts[place]} in bin {place}")
    whole = bool((counts == np.rint(counts)).all()) and float(np.abs(counts).max(initial=0.0)) < _EXACT
    return counts.astype(np.int64) if whole else counts


def _refuse(inner: bytes, tokens: list[bytes]) -> NoReturn:
    if b"..." in inner:
        raise RowError("bad JSON: the list is abbreviated with '...', its numbers are lost")
    for place, token in enumerate(tokens):
        try:
            if b"_" in token:
                raise ValueError
            float(token)
        except ValueError:
            raise RowError(f"bad JSON: {_shown(token)} in bin {place} is not a number") from None
    raise RowError("bad JSON")


def _shown(text: bytes) -> str:
    return repr(text[:40].decode("utf-8", "replace"))
