"""Decompressing ahead of who reads: bz2 is slow and leaves the interpreter free, so another core does it. No Django."""

import io
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import BinaryIO

BLOCK = 1 << 20
BLOCKS = 8
"""At most this many blocks wait: memory does not grow with the file."""
WAIT = 0.1


class ReadAhead(io.RawIOBase):
    """``stream`` read by a thread, a few blocks ahead; its errors are raised where the block would have come."""

    def __init__(self, stream: BinaryIO) -> None:
        self._blocks: Queue[bytes | Exception] = Queue(BLOCKS)
        self._left = memoryview(b"")
        self._over = Event()
        self._stream = stream
        self._thread = Thread(target=self._fill, name="read-ahead", daemon=True)
        self._thread.start()

    def _fill(self) -> None:
        block: bytes | Exception = b" "
        while block and not isinstance(block, Exception) and not self._over.is_set():
            try:
                block = self._stream.read(BLOCK)
            except Exception as error:
                block = error
            self._put(block)

    def _put(self, block: bytes | Exception) -> None:
        while not self._over.is_set():
            try:
                self._blocks.put(block, timeout=WAIT)
            except Full:
                continue
            return

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left:
            block = self._blocks.get()
            if isinstance(block, Exception):
                raise block
            if not block:
                # The end stays the end, however often it is asked for.
                self._blocks.put(b"")
            self._left = memoryview(block)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def close(self) -> None:
        """Stops the thread, also when the reader leaves early."""
        self._over.set()
        while self._thread.is_alive():
            try:
                self._blocks.get(timeout=WAIT)
            except Empty:
                continue
        self._stream.close()
        super().close()
