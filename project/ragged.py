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
        if None in blobs:
            self.missing = np.fromiter((blob is None for blob in blobs), bool, len(blobs))
            blobs = [EMPTY if blob is None else blob for blob in blobs]
        if not all(blobs):
            raise VectorError("an empty blob is no vector")
        self.blobs: Sequence[bytes] = blobs  # type: ignore[assignment]
        self.sizes = np.fromiter(map(len, self.blobs), np.int64, len(blobs))
        self.tags = np.frombuffer(bytes([blob[-1] for blob in self.blobs]), np.uint8)
        self.lengths = self._lengths()

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
        made.lengths = self.lengths[start:stop]
        return made

    @property
    def offsets(self) -> np.ndarray:
        """(n + 1,) where each vector begins in ``values``, and the end of the last."""
        return np.concatenate(([0], np.cumsum(self.lengths)))

    def values(self, dtype: np.dtype | str = "<f8") -> np.ndarray:
        """All values, one vector after the other."""
        offsets = self.offsets
        out = np.empty(offsets[-1], dtype)
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
            yield np.arange(len(self)), _matrix(self.blobs, int(self.tags[0]))
            return
        for kind in np.unique(kinds):
            rows = np.flatnonzero(kinds == kind)
            if int(kind) >> 4 & 15 == RAW:
                yield rows, _matrix([self.blobs[row] for row in rows.tolist()], int(kind) & 15)
            else:
                for at, row in enumerate(rows.tolist()):
                    yield rows[at : at + 1], decode(self.blobs[row])[None]


EMPTY = bytes((DTYPES.index(np.dtype("|u1")),))


def _matrix(blobs: Sequence[bytes], tag: int) -> np.ndarray:
    """(n, length) view of uncompressed vectors of one size; the tag at the end of each is stepped over."""
    dtype = DTYPES[tag]
    width = len(blobs[0])
    shape = (len(blobs), (width - 1) // dtype.itemsize)
    return np.ndarray(shape, dtype, b"".join(blobs), strides=(width, dtype.itemsize))
