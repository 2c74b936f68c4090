"""Opening a ROOT file with uproot, and what is wrong with one that it cannot open. No Django, no ROOT."""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from histos.readers.magic import begins_with
from project.records import ReaderError

MAGIC = b"root"


def is_root(path: Path) -> bool:
    """Whether the file begins as ROOT files do; False where it cannot be read."""
    try:
        return begins_with(Path(path), MAGIC)
    except ReaderError:
        return False


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file as uproot gives it. Whatever uproot trips over, here or in the body, is one ReaderError."""
    path = Path(path)
    if not begins_with(path, MAGIC):
        raise ReaderError(f"{path.name}: not a ROOT file")
    try:
        uproot = _uproot()
    except ImportError as error:
        raise ReaderError(f"{path.name}: reading ROOT files needs uproot and isal ({error})") from error
    try:
        with uproot.open(path) as file:
            _check_length(path, file.file.fEND)
            yield file
    except ReaderError:
        raise
    except Exception as error:  # of any kind: the file is damaged, and uproot met what it did not expect
        said = " ".join(str(error).split())
        raise ReaderError(f"{path.name}: damaged ROOT file: {type(error).__name__}: {said:.200}") from error


@cache
def _uproot() -> Any:
    """uproot, which then unpacks with ISA-L: unpacking is most of what a map costs.

    The switch it documents, ``uproot.ZLIB.library``, reaches packing only; unpacking looks at the class behind it.
    """
    import uproot

    uproot.compression._DecompressZLIB.library = "isal"
    return uproot


def _check_length(path: Path, written: int) -> None:
    """A file that lost its end may still open, from what ROOT writes at the beginning."""
    size = path.stat().st_size
    if size < written:
        raise ReaderError(f"{path.name}: truncated ROOT file: {size:,} of {written:,} bytes")


class Rows:
    """The entries of one branch as bytes, asked for by number; one basket is unpacked at a time.

    What is given is a view of the basket: whoever keeps it keeps the basket.
    """

    def __init__(self, branch: Any) -> None:
        self._branch = branch
        self._starts: list[int] = branch.entry_offsets
        self._first = self._last = 0
        self._data = memoryview(b"")
        self._offsets: list[int] = []

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, row: int) -> memoryview:
        if not self._first <= row < self._last:
            self._unpack(row)
        at = row - self._first
        return self._data[self._offsets[at] : self._offsets[at + 1]]

    def _unpack(self, row: int) -> None:
        number = bisect_right(self._starts, row) - 1
        if not 0 <= number < len(self._starts) - 1:
            raise IndexError(f"{self._branch.name} has {len(self)} entries, not {row}")
        basket = self._branch.basket(number)
        self._data = np.ascontiguousarray(basket.data).data.toreadonly()
        self._first, self._last = self._starts[number], self._starts[number + 1]
        offsets = basket.byte_offsets
        if offsets is None:
            offsets = np.linspace(0, len(self._data), self._last - self._first + 1).astype(int)
        self._offsets = offsets.tolist()
