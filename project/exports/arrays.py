"""The columns of an export as NumPy arrays, whose types and shapes are found by looking at every row once."""

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import numpy as np

from project.exports.arrow import as_text
from project.exports.chunks import Cells
from project.exports.columns import Column
from project.ragged import Vectors
from project.vectors import DTYPES, encode

Member = tuple[str, np.dtype, tuple[int, ...], Callable[[Any], np.ndarray]]
WHOLE, TRUTH, DOUBLE, MOMENT = np.dtype("<i8"), np.dtype("?"), np.dtype("<f8"), np.dtype("<M8[us]")


class Numbers:
    """Whole numbers, numbers or truths, one a row: double with NaN where some are missing."""

    def __init__(self, dtype: np.dtype) -> None:
        self._rows, self._dtype = 0, dtype

    def see(self, cells: Any) -> None:
        """Looks at the rows of a chunk."""
        self._rows += len(cells)
        if any(value is None for value in cells):
            self._dtype = DOUBLE

    def members(self) -> Iterator[Member]:
        """Of each array: the suffix of its name, type, shape, and what makes the part of a chunk."""
        yield "", self._dtype, (self._rows,), self._part

    def _part(self, cells: Cells) -> np.ndarray:
        return np.array([np.nan if value is None else value for value in cells], self._dtype)


class Moments:
    """Times (UTC), NaT where missing."""

    def __init__(self) -> None:
        self._rows = 0

    def see(self, cells: Any) -> None:
        self._rows += len(cells)

    def members(self) -> Iterator[Member]:
        yield "", MOMENT, (self._rows,), self._part

    def _part(self, cells: Cells) -> np.ndarray:
        naive = [None if value is None else value.astimezone(UTC).replace(tzinfo=None) for value in cells]
        return np.array(naive, MOMENT)


class Texts:
    """Texts, and what JSON can hold as its text; empty where missing. ``seen`` are the texts while they are few."""

    def __init__(self) -> None:
        self._rows, self._letters = 0, 1
        self.seen: set[str] = set()

    def see(self, cells: Any) -> None:
        texts = set(map(_text, cells.values))
        self._rows += len(cells)
        self._letters = max(self._letters, *map(len, texts), 1)
        if len(self.seen) <= 1:
            self.seen |= texts

    def members(self) -> Iterator[Member]:
        yield "", np.dtype(f"<U{self._letters}"), (self._rows,), self._part

    def _part(self, cells: Cells) -> np.ndarray:
        texts = np.array([*map(_text, cells.values), ""], f"<U{self._letters}")
        return texts[:-1] if cells.places is None else texts[cells.places]


class Lists:
    """Vectors: a matrix (rows, length) where all have one length, else all values one after the other, and
    ``_offsets`` (rows + 1) where each begins.
    """

    def __init__(self) -> None:
        self._rows, self._total = 0, 0
        self._lengths: set[int] = set()
        self._dtypes: set[np.dtype] = set()

    def see(self, cells: Any) -> None:
        vectors = _vectors(cells)
        self._rows += len(vectors)
        self._total += int(vectors.lengths.sum())
        self._lengths.update(np.unique(vectors.lengths).tolist())
        self._dtypes.update(DTYPES[tag & 15] for tag in np.unique(vectors.tags))

    def members(self) -> Iterator[Member]:
        dtype = np.result_type(*self._dtypes) if self._dtypes else DOUBLE
        is_matrix = len(self._lengths) <= 1
        shape = (self._rows, max(self._lengths, default=0)) if is_matrix else (self._total,)
        yield "", dtype, shape, lambda cells: _vectors(cells).values(dtype)
        if not is_matrix:
            yield "_offsets", WHOLE, (self._rows + 1,), _Ends()


class _Ends:
    """The offsets of a chunk's vectors, counted from the first row of all."""

    def __init__(self) -> None:
        self._total: int | None = None

    def __call__(self, cells: Any) -> np.ndarray:
        begin = self._total or 0
        offsets = _vectors(cells).offsets + begin
        first = 0 if self._total is None else 1
        self._total = int(offsets[-1])
        return offsets[first:]


Array = Numbers | Moments | Texts | Lists


def array_of(column: Column) -> Array:
    """What gathers the array of a column."""
    if column.kind in ("vector", "numbers", "wholes"):
        return Lists()
    if column.kind == "moment":
        return Moments()
    numeric = {"whole": WHOLE, "truth": TRUTH, "number": DOUBLE}
    return Numbers(numeric[column.kind]) if column.kind in numeric else Texts()


def _vectors(cells: Any) -> Vectors:
    if isinstance(cells, Vectors):
        return cells
    blobs = [None if value is None else encode(np.asarray(value)) for value in cells.values]
    return Vectors([*Cells(blobs, cells.places)])


def _text(value: Any) -> str:
    return "" if value is None else as_text(value)
