"""Epochs of interleaved sources brought together, on disk where they are many. No Django."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np

from .epochs import BUCKETS, Epochs


class BucketStore:
    """Takes chunks of epochs in any order and gives them back by bucket; a source is never in two buckets.

    Up to ``memory`` bytes stay in memory; beyond, each bucket has a temporary file, array after array.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.spilled = False
        self._chunks: list[Epochs] = []
        self._held = 0
        self._folder = tempfile.TemporaryDirectory(prefix="lumisift-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def add(self, epochs: Epochs) -> None:
        self._chunks.append(epochs)
        self._held += epochs.nbytes
        if self._held > self.memory:
            self._spill()

    def __iter__(self) -> Iterator[Epochs]:
        """The epochs of each bucket that has any, in order of buckets and, in one, as they were added."""
        held = self._by_bucket()
        for bucket in range(BUCKETS):
            parts = [*self._stored(bucket), *([held[bucket]] if bucket in held else [])]
            if parts:
                yield parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _by_bucket(self) -> dict[int, Epochs]:
        if not self._chunks:
            return {}
        rows = np.concatenate(self._chunks)
        self._chunks, self._held = [], 0
        if not len(rows):
            return {}
        rows = rows[np.argsort(rows["bucket"], kind="stable")]
        buckets, starts = np.unique(rows["bucket"], return_index=True)
        return dict(zip(buckets.tolist(), np.split(rows, starts[1:]), strict=True))

    def _spill(self) -> None:
        self.spilled = True
        for bucket, rows in self._by_bucket().items():
            with self._path(bucket).open("ab") as file:
                np.save(file, rows, allow_pickle=False)

    def _stored(self, bucket: int) -> Iterator[Epochs]:
        path = self._path(bucket)
        if not path.exists():
            return
        size = path.stat().st_size
        with path.open("rb") as file:
            while file.tell() < size:
                yield np.load(file, allow_pickle=False)

    def _path(self, bucket: int) -> Path:
        return Path(self._folder.name) / f"{bucket}.npy"
