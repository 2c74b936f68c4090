"""NPZ for NumPy: a zip of arrays that is sent while it is written. One pass over the rows finds the shapes, which
stand before the data; then there is one pass an array.
"""

import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from project.exports.arrays import Array, Texts, array_of
from project.exports.drain import Drain
from project.exports.rows import Source

Parts = Iterator[np.ndarray]


def npz(source: Source) -> Iterator[bytes]:
    """One array per column, as ``arrays`` says, and what the whole selection has in common, such as its bin edges."""
    arrays = {column.name: array_of(column) for column in source.columns}
    for chunk in source.chunks():
        for name, array in arrays.items():
            array.see(chunk.cells[name])
    archive = Archive()
    for name, array in arrays.items():
        yield from _written(archive, source, name, array)
    for name, values in source.in_common(_same_in_all(arrays)).items():
        yield from archive.array(name, values.dtype, values.shape, iter([values]))
    yield archive.closed()


def _same_in_all(arrays: dict[str, Array]) -> dict[str, str]:
    """The texts of the columns that have but one."""
    return {
        name: next(iter(array.seen))
        for name, array in arrays.items()
        if isinstance(array, Texts) and len(array.seen) == 1
    }


def _written(archive: "Archive", source: Source, name: str, array: Array) -> Iterator[bytes]:
    for suffix, dtype, shape, part_of in array.members():
        parts = (part_of(chunk.cells[name]) for chunk in source.chunks((name,)))
        yield from archive.array(name + suffix, dtype, shape, parts)


class Archive:
    """A zip that is given away as it grows."""

    def __init__(self) -> None:
        self._drain = Drain()
        self._zip = zipfile.ZipFile(self._drain, "w")

    def array(self, name: str, dtype: np.dtype, shape: tuple[int, ...], parts: Parts) -> Iterator[bytes]:
        """Writes an array of that shape, which comes in parts; gives the bytes of the zip meanwhile."""
        info = zipfile.ZipInfo(f"{name}.npy")
        # Texts take four bytes a letter, and a column of names says the same again and again.
        info.compress_type = zipfile.ZIP_DEFLATED if dtype.kind == "U" else zipfile.ZIP_STORED
        with self._zip.open(info, "w", force_zip64=True) as member:
            header: dict[str, Any] = {"descr": dtype.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(member, header)
            for part in parts:
                member.write(np.ascontiguousarray(part, dtype).tobytes())
                yield self._drain.taken()
        yield self._drain.taken()

    def closed(self) -> bytes:
        """The end of the zip: its list of contents."""
        self._zip.close()
        return self._drain.taken()
