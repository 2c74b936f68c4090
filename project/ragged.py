"""A column of stored vectors, of any lengths, as one array of values with offsets. No Django.

Vectors of one type and length are decoded in one piece, so that their cost is that of a copy, not of a call per row.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from project.vectors import DTYPES, RAW, VectorError, decode

SIZES = np.array([dtype.itemsize for dtype in DTYPES])
_LENGTH_AND_TAG = 5


class Vectors:
    """The vectors of ``blobs``; None where a row has none. ``lengths`` (n,) are theirs, ``tags`` (n,) their types.

    Raises VectorError where a blob is no vector.
    """

    def __init__(self, blobs: Sequence[bytes | None]) -> None:
        self.missing = np.zeros(0, bool)
        if type(None) in set(map(type, blobs)):  # to look for None itself compares it with each
            self.missing = np.fromiter((blob is None for blob in blobs), bool, len(blobs))
            blobs = [EMPTY if blob is None else blob for blob in blobs]
        self.blobs: Sequence[bytes] = blobs  # type: ignore[assignment]
        self._joined = b""
        self.sizes, self.tags = self._sizes_and_tags()
        self.lengths = self._lengths()

    def _sizes_and_tags(self) -> tuple[np.ndarray, np.ndarray]:
        n, sizes = len(self.blobs), set(map(len, self.blobs))
        if 0 in sizes:
            raise VectorError("an empty blob is no vector")
        if len(sizes) == 1:
            # One after the other they are a table, of which the tags are the last column.
            (size,) = sizes
            self._joined = b"".join(self.blobs)
            return np.full(n, size), np.frombuffer(self._joined, np.uint8)[size - 1 :: size].copy()
        tags = np.fromiter((blob[-1] for blob in self.blobs), np.uint8, n)
        return np.fromiter(map(len, self.blobs), np.int64, n), tags

    def _lengths(self) -> np.ndarray:
        kinds, codecs = self.tags & 15, self.tags >> 4
        if (kinds >= len(DTYPES)).any() or (codecs > 1).any():
            raise VectorError("a vector of an unknown type")
        sizes = self.sizes - 1
        for row in np.flatnonzero(codecs != RAW).tolist():
            sizes[row] = int.from_bytes(self.blobs[row][-_LENGTH_AND_TAG:-1], "little")
        if (sizes % SIZES[kinds]).any():
            raise VectorError("the bytes of a vector do not fit its type")
        return sizes // SIZES[kinds]

    def __len__(self) -> int:
        return len(self.blobs)

    def part(self, start: int, stop: int) -> "Vectors":
        """The rows from ``start`` to ``stop``."""
        made = object.__new__(Vectors)
        made.blobs, made.missing = self.blobs[start:stop], self.missing[start:stop]
        made.tags, made.sizes = self.tags[start:stop], self.sizes[start:stop]
        made.lengths, made._joined = self.lengths[start:stop], b""
        return made

    @property
    def offsets(self) -> np.ndarray:
        """(n + 1,) where each vector begins in ``values``, and the end of the last."""
        return np.concatenate(([0], np.cumsum(self.lengths)))

    def values(self, dtype: np.dtype | str = "<f8", out: np.ndarray | None = None) -> np.ndarray:
        """All values, one vector after the other; put into ``out`` where that is given."""
        offsets = self.offsets
        out = np.empty(offsets[-1], dtype) if out is None else out
        for rows, block in self.blocks():
            if len(rows) == len(self):
                out.reshape(block.shape)[:] = block
            else:
                out[offsets[rows][:, None] + np.arange(block.shape[1])] = block
        return out

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows whose vectors have one type and length, and these vectors (rows, length) as they are stored."""
        kinds = self.sizes * 256 + self.tags
        if len(kinds) and self.tags[0] >> 4 == RAW and (kinds == kinds[0]).all():
            yield np.arange(len(self)), _matrix(self.blobs, int(self.tags[0]), self._joined)
            return
        for kind in np.unique(kinds):
            rows = np.flatnonzero(kinds == kind)
            if int(kind) >> 4 & 15 == RAW:
                yield rows, _matrix([self.blobs[row] for row in rows.tolist()], int(kind) & 15)
            else:
                for at, row in enumerate(rows.tolist()):
                    yield rows[at : at + 1], decode(self.blobs[row])[None]


EMPTY = bytes((DTYPES.index(np.dtype("|u1")),))


def _matrix(blobs: Sequence[bytes], tag: int, joined: bytes = b"") -> np.ndarray:
    """(n, length) view of uncompressed vectors of one size; the tag at the end of each is stepped over."""
    dtype = DTYPES[tag]
    width = len(blobs[0])
    shape = (len(blobs), (width - 1) // dtype.itemsize)
    return np.ndarray(shape, dtype, joined or b"".join(blobs), strides=(width, dtype.itemsize))
