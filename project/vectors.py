"""Vectors as bytes: the narrowest little-endian dtype that holds them exactly, compressed where that pays. No
Django.

A stored vector is its raw bytes followed by one tag byte: dtype in the low nibble, codec in the high one. A
compressed one carries the raw length (``<u4``) before the tag. The data come first, so they stay aligned and
a column of equal tags becomes a matrix without touching single rows. Which codec, and from which size, was
measured: see ``docs/decisions/0001-vectors.md``.
"""

import struct
from functools import cache
from typing import Any

import numpy as np

DTYPES = tuple(np.dtype(name) for name in ("<f8", "<f4", "<i8", "<i4", "<i2", "|i1", "<u4", "<u2", "|u1"))
CODES = {dtype: code for code, dtype in enumerate(DTYPES)}
RAW, ZSTD = 0, 1
COMPRESS_FROM = 2048
WORTH_IT = 0.9
MAX_BYTES = 1 << 30
_LENGTH = struct.Struct("<I")
_INT64, _FLOAT32, _FLOAT64 = np.dtype("<i8"), np.dtype("<f4"), np.dtype("<f8")
_UNSIGNED = tuple((np.iinfo(name).max, np.dtype(name)) for name in ("|u1", "<u2", "<u4"))
_SIGNED = tuple((np.iinfo(name).max, np.dtype(name)) for name in ("|i1", "<i2", "<i4"))


class VectorError(ValueError):
    """These bytes are not a vector, or this array cannot become one."""


@cache
def _codec() -> Any:
    from pyarrow import Codec

    return Codec("zstd", compression_level=1)


def narrowest(array: np.ndarray) -> np.dtype:
    """The smallest stored dtype that holds ``array`` exactly."""
    if array.dtype.kind in "iub":
        return _narrowest_integer(array)
    with np.errstate(over="ignore"):
        narrow = array.astype(_FLOAT32)
    return _FLOAT32 if np.array_equal(narrow.astype(_FLOAT64), array, equal_nan=True) else _FLOAT64


def _narrowest_integer(array: np.ndarray) -> np.dtype:
    # All bits of all values in one pass: their sign is that of the lowest, their width that of the highest value.
    bits = int(np.bitwise_or.reduce(array))
    if bits >= 0:
        for top, dtype in _UNSIGNED:
            if bits <= top:
                return dtype
        return _INT64
    low, high = int(array.min()), int(array.max())
    return next((dtype for top, dtype in _SIGNED if -top - 1 <= low and high <= top), _INT64)


def encode(array: Any, dtype: np.dtype | str | None = None) -> bytes:
    """Bytes of a one-dimensional array; ``dtype`` fixes the type, else the narrowest exact one is taken."""
    array = np.asarray(array)
    if array.ndim != 1:
        raise VectorError(f"a vector has one dimension, not {array.ndim}")
    _check(array)
    target = narrowest(array) if dtype is None else _fitting(array, np.dtype(dtype))
    return tagged(array.astype(target).tobytes(), CODES[target])


def tagged(raw: bytes, code: int) -> bytes:
    """The stored form of the bytes of a vector whose dtype has this code."""
    if len(raw) < COMPRESS_FROM:
        return raw + bytes((code,))
    packed = _codec().compress(raw, asbytes=True)
    if len(packed) > WORTH_IT * len(raw):
        return raw + bytes((code,))
    return packed + _LENGTH.pack(len(raw)) + bytes((code | ZSTD << 4,))


def _check(array: np.ndarray) -> None:
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind not in "iubf" or size > 8:
        raise VectorError(f"a vector holds numbers of at most 64 bits, not {array.dtype}")
    if kind == "u" and size == 8 and array.size and array.max() > np.iinfo(_INT64).max:
        raise VectorError("a count is above 2^63")


def _fitting(array: np.ndarray, target: np.dtype) -> np.dtype:
    """``target``, where it is a stored type that does not change whole numbers."""
    if target not in CODES:
        raise VectorError(f"vectors are not stored as {target}")
    if target.kind in "iu" and array.dtype != target:
        with np.errstate(invalid="ignore"):
            cast = array.astype(target)
        if not np.array_equal(cast, array):
            raise VectorError(f"{target} does not hold these values")
    return target


def decode(blob: bytes | memoryview) -> np.ndarray:
    """The read-only array stored in ``blob``."""
    if not isinstance(blob, bytes):
        blob = bytes(blob)
    if not blob:
        raise VectorError("an empty blob is no vector")
    tag = blob[-1]
    if (tag & 15) >= len(DTYPES) or tag >> 4 > ZSTD:
        raise VectorError(f"unknown vector tag {tag}")
    dtype = DTYPES[tag & 15]
    data, size = (blob, len(blob) - 1) if tag >> 4 == RAW else _unpack(blob)
    if size % dtype.itemsize:
        raise VectorError(f"{size} bytes are no vector of {dtype}")
    return np.frombuffer(data, dtype, size // dtype.itemsize)


def _unpack(blob: bytes) -> tuple[bytes, int]:
    if len(blob) < 5:
        raise VectorError("a compressed vector has lost its length")
    size = _LENGTH.unpack_from(blob, len(blob) - 5)[0]
    if size > MAX_BYTES:
        raise VectorError(f"a vector of {size} bytes is larger than the {MAX_BYTES} allowed")
    try:
        return _codec().decompress(blob[:-5], size, asbytes=True), size
    except (OSError, ValueError) as error:
        raise VectorError(f"a compressed vector is damaged: {error}") from error


def decode_matrix(blobs: list[bytes], length: int, dtype: np.dtype | str = "<f8") -> np.ndarray:
    """The vectors of ``blobs``, each ``length`` long, as one (n, length) matrix of ``dtype``.

    Rows of one tag and size are read in one piece: their cost is that of a copy, not of a call per row.
    """
    out = np.empty((len(blobs), length), dtype)
    if not all(blobs):
        raise VectorError("an empty blob is no vector")
    tags = np.fromiter((blob[-1] for blob in blobs), np.uint8, len(blobs))
    for tag in np.unique(tags):
        rows = np.flatnonzero(tags == tag)
        if tag >> 4 == RAW and tag < len(DTYPES):
            _read_raw(
                out, rows, [blobs[row] for row in rows] if len(rows) < len(blobs) else blobs, DTYPES[tag]
            )
        else:
            for row in rows:
                out[row] = _sized(decode(blobs[row]), length)
    return out


def _sized(vector: np.ndarray, length: int) -> np.ndarray:
    if len(vector) != length:
        raise VectorError(f"a vector has {len(vector)} values, expected {length}")
    return vector


def _read_raw(out: np.ndarray, rows: np.ndarray, blobs: list[bytes], dtype: np.dtype) -> None:
    width = out.shape[1] * dtype.itemsize
    wrong = next((blob for blob in blobs if len(blob) != width + 1), None)
    if wrong is not None:
        _sized(decode(wrong), out.shape[1])
    data = np.frombuffer(b"".join(blobs), np.uint8).reshape(len(blobs), width + 1)[:, :width]
    out[rows if len(rows) < len(out) else slice(None)] = np.ascontiguousarray(data).view(dtype)
