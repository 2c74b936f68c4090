"""The bytes of one ROOT histogram, as ROOT streams it, taken apart. No Django, no ROOT.

A streamed object is its base classes and members one after the other, big-endian; each class that keeps a version
begins with its length in bytes (bit 30 set) and that version. What is not needed here is stepped over by its length,
so that TH1 of version 3 (ROOT 3) to 8 (ROOT 6) read alike. ROOT's headers of these classes give the order of members.
"""

import struct
from typing import NamedTuple

import numpy as np

Bytes = bytes | memoryview
COUNTED = 0x40000000
OLDEST, NEWEST = 3, 8  # versions of TH1 whose members up to fSumw2 are in this order
MOST_CELLS = 10**7
_HEADER, _INTEGER = struct.Struct(">IH"), struct.Struct(">i")
_AXIS, _ENTRIES = struct.Struct(">idd"), struct.Struct(">hhd")
_AFTER_ENTRIES = 4 * 8 + 3 * 8  # sums of weights; maximum, minimum, norm
_OF_TH2 = 4 * 8  # scale factor and sums
_CONTENTS = {"C": "i1", "S": ">i2", "I": ">i4", "F": ">f4", "D": ">f8"}


class StreamError(ValueError):
    """These bytes are not such a histogram, and why."""


class RootAxis(NamedTuple):
    title: str
    bins: int
    lower: float
    upper: float
    edges: tuple[float, ...]


class Streamed(NamedTuple):
    """``contents`` and ``sumw2`` (cells, or none) hold flow bins, x fastest; of a profile ``weights`` are per cell."""

    title: str
    axes: tuple[RootAxis, ...]
    entries: float
    contents: np.ndarray
    sumw2: np.ndarray
    weights: np.ndarray | None


def histogram(data: Bytes, root_class: str) -> Streamed:
    """The histogram that ``data`` holds, with or without the header of its own class."""
    try:
        return _histogram(data, root_class)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, StreamError):
            raise
        raise StreamError(f"not a streamed {root_class}: {error}") from error


def _histogram(data: Bytes, root_class: str) -> Streamed:
    profile, planar = root_class.startswith("TProfile"), "2" in root_class
    at = _begin(data, root_class)
    if _end(data, at) == len(data):
        at += 6
    outer = at
    for _ in range(profile + planar):  # TProfile is a TH1D, TH2F a TH2, TProfile2D a TH2D
        at += 6
    end = _end(data, at)
    title, axes, entries, sumw2 = _th1(data, at, 2 if planar else 1)
    after = end + _OF_TH2 if planar else end
    contents, at = _array(data, after, _CONTENTS["D" if profile else root_class[-1]])
    weights = None
    if profile:
        weights, at = _array(data, _end(data, outer), ">f8")
    cells = int(np.prod([axis.bins + 2 for axis in axes]))
    if not len(contents) == cells == (len(weights) if weights is not None else cells):
        raise StreamError(f"{len(contents)} values for {cells} cells")
    return Streamed(title, axes, entries, contents, sumw2, weights)


def _begin(data: Bytes, root_class: str) -> int:
    """Where the object begins: a branch of objects, as ROOT makes for TH2 and profiles, names the class before it."""
    if data[0] & (COUNTED >> 24):
        return 0
    named, at = text(data, 0)
    if named != root_class:
        raise StreamError(f"a {named[:40]!r} in the place of a {root_class}")
    return at + 1  # a zero ends the name


def _th1(data: Bytes, at: int, dimensions: int) -> tuple[str, tuple[RootAxis, ...], float, np.ndarray]:
    """Title, axes, entries and squared weights of the TH1 that begins at ``at``."""
    version = _HEADER.unpack_from(data, at)[1]
    if not OLDEST <= version <= NEWEST:
        raise StreamError(f"TH1 of version {version}, this reads {OLDEST} to {NEWEST}")
    at += 6
    title = _named(data, at)[1]
    for _ in range(4):  # TNamed, TAttLine, TAttFill, TAttMarker
        at = _end(data, at)
    at += 4  # fNcells
    axes = []
    for dimension in range(3):
        if dimension < dimensions:
            axes.append(_axis(data, at))
        at = _end(data, at)
    entries = _ENTRIES.unpack_from(data, at)[2]
    at += _ENTRIES.size + _AFTER_ENTRIES
    at = _past_array(data, at)  # fContour
    return title, tuple(axes), entries, _array(data, at, ">f8")[0]


def _axis(data: Bytes, at: int) -> RootAxis:
    at += 6
    title = _named(data, at)[1]
    for _ in range(2):  # TNamed, TAttAxis
        at = _end(data, at)
    bins, lower, upper = _AXIS.unpack_from(data, at)
    edges, _ = _array(data, at + _AXIS.size, ">f8")
    if not 0 < bins <= MOST_CELLS or (len(edges) and len(edges) != bins + 1):
        raise StreamError(f"an axis of {bins} bins with {len(edges)} edges")
    return RootAxis(title, bins, lower, upper, tuple(edges.tolist()))


def _end(data: Bytes, at: int) -> int:
    """Where the class that begins at ``at`` ends."""
    counted = _HEADER.unpack_from(data, at)[0]
    end = at + 4 + (counted & ~COUNTED)
    if not counted & COUNTED or end > len(data):
        raise StreamError(f"no class begins at byte {at}")
    return end


def _named(data: Bytes, at: int) -> tuple[str, str]:
    """Name and title of the TNamed that begins at ``at``; its TObject holds a reference more in some files."""
    at += 6
    referenced = struct.unpack_from(">I", data, at + 6)[0] & 0x10
    name, at = text(data, at + (12 if referenced else 10))
    return name, text(data, at)[0]


def text(data: Bytes, at: int) -> tuple[str, int]:
    """The string at ``at``, and where it ends: its length in a byte, or in four after a byte of 255."""
    size, at = data[at], at + 1
    if size == 255:
        size, at = _INTEGER.unpack_from(data, at)[0], at + 4
    if not 0 <= size <= len(data) - at:
        raise StreamError(f"a text of {size} bytes at byte {at}")
    return bytes(data[at : at + size]).decode("utf-8", "replace"), at + size


def _array(data: Bytes, at: int, dtype: str) -> tuple[np.ndarray, int]:
    size = _INTEGER.unpack_from(data, at)[0]
    kind = np.dtype(dtype)
    end = at + 4 + size * kind.itemsize
    if size < 0 or end > len(data):
        raise StreamError(f"an array of {size} values at byte {at}")
    return np.frombuffer(data, kind, size, at + 4), end


def _past_array(data: Bytes, at: int) -> int:
    return at + 4 + 8 * int(_INTEGER.unpack_from(data, at)[0])
