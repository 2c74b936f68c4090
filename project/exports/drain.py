"""A file that is never there: what is written into it is taken out again, to be sent."""

from typing import Any


class Drain:
    """Takes ``write``; ``taken`` gives what came since the last time. It cannot seek, and ``close`` leaves it open.

    What is written is not copied before it is taken, and must not change until then.
    """

    closed = False

    def __init__(self) -> None:
        self._parts: list[Any] = []

    def write(self, data: Any) -> int:
        self._parts.append(data)
        return len(data)

    def taken(self) -> bytes:
        parts = b"".join(self._parts)
        self._parts.clear()
        return parts

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What was written is still to be taken."""
