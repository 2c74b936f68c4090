"""Many short vectors encoded at once: most of what a single one costs is the calls, not the numbers. No Django."""

from collections.abc import Sequence

import numpy as np

from project.vectors import CODES, COMPRESS_FROM, encode, tagged

LONGEST = 4096  # values; of longer ones the numbers are what costs
_TYPES = tuple(np.dtype(name) for name in ("|u1", "<u2", "<u4", "<i8"))
_TOPS = np.array([np.iinfo(dtype).max for dtype in _TYPES])
_INT64, _FLOAT32, _FLOAT64 = np.dtype("<i8"), np.dtype("<f4"), np.dtype("<f8")
_STACKED = {_INT64, _FLOAT64}

Blobs = list[bytes]


def encode_all(arrays: Sequence[np.ndarray]) -> Blobs:
    """What ``encode`` gives of each of ``arrays`` (one-dimensional, any dtype and length), byte for byte."""
    alike: dict[tuple[np.dtype, tuple[int, ...]], list[int]] = {}
    for place, array in enumerate(arrays):
        alike.setdefault((array.dtype, array.shape), []).append(place)
    blobs: Blobs = [b""] * len(arrays)
    for (dtype, shape), places in alike.items():
        chosen = [arrays[place] for place in places] if len(alike) > 1 else arrays
        stackable = dtype in _STACKED and len(shape) == 1 and 0 < shape[0] <= LONGEST and len(places) > 1
        encoded = _stacked(chosen, dtype) if stackable else [encode(array) for array in chosen]
        if len(alike) == 1:
            return encoded
        for place, blob in zip(places, encoded, strict=True):
            blobs[place] = blob
    return blobs


def _stacked(arrays: Sequence[np.ndarray], dtype: np.dtype) -> Blobs:
    """Blobs of vectors of one length, which are ``<i8`` or ``<f8``."""
    matrix = np.concatenate(arrays).reshape(len(arrays), -1)
    targets = _of_integers(matrix) if dtype == _INT64 else _of_floats(matrix)
    blobs: Blobs = [b""] * len(arrays)
    for target, rows in targets:
        if target is None:
            encoded = [encode(arrays[row]) for row in rows]
        else:
            encoded = _rows(matrix if len(rows) == len(matrix) else matrix[rows], target)
        for row, blob in zip(rows, encoded, strict=True):
            blobs[row] = blob
    return blobs


def _of_integers(matrix: np.ndarray) -> list[tuple[np.dtype | None, list[int]]]:
    """Narrowest dtypes with the rows that take them; None for rows with a negative value."""
    bits = np.bitwise_or.reduce(matrix, axis=1)
    kinds = np.where(bits < 0, len(_TYPES), np.searchsorted(_TOPS, bits))
    return [
        (_TYPES[kind] if kind < len(_TYPES) else None, np.flatnonzero(kinds == kind).tolist())
        for kind in np.unique(kinds).tolist()
    ]


def _of_floats(matrix: np.ndarray) -> list[tuple[np.dtype | None, list[int]]]:
    with np.errstate(over="ignore"):
        narrow = matrix.astype(_FLOAT32)
    exact = ((narrow == matrix) | np.isnan(matrix)).all(axis=1)
    rows = (_FLOAT32, np.flatnonzero(exact).tolist()), (_FLOAT64, np.flatnonzero(~exact).tolist())
    return [found for found in rows if found[1]]


def _rows(matrix: np.ndarray, target: np.dtype) -> Blobs:
    """The stored form of each row as ``target``."""
    code, width = CODES[target], matrix.shape[1] * target.itemsize
    if width >= COMPRESS_FROM:
        return [tagged(row.tobytes(), code) for row in matrix.astype(target)]
    out = np.empty((len(matrix), width + 1), np.uint8)
    out[:, :width] = np.ascontiguousarray(matrix, target).view(np.uint8)
    out[:, width] = code
    data = out.tobytes()
    return [data[start : start + width + 1] for start in range(0, len(data), width + 1)]
