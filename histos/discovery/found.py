"""What became of the files that were looked at."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Found:
    """Counts are of files; ``said`` has a line for each of which there is something to say, ``jobs`` what loads them.

    ``unchanged`` were found or loaded before, ``copies`` hold what another file holds, ``writing`` are not yet whole,
    ``unread`` are for no reader or dataset, and of ``failed`` the load failed before.
    """

    queued: int = 0
    unchanged: int = 0
    copies: int = 0
    writing: int = 0
    unread: int = 0
    failed: int = 0
    said: list[str] = field(default_factory=list)
    jobs: list[int] = field(default_factory=list)

    def add(self, what: str, path: Path | None = None, line: str = "") -> None:
        """Count one file as ``what``, and say ``line`` of it."""
        setattr(self, what, getattr(self, what) + 1)
        if line:
            self.said.append(f"{path}: {line}")

    @property
    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}
