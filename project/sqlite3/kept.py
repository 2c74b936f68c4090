"""Open SQLite files between two requests: opening one anew costs what a small page costs.

Under ASGI every request has a thread of its own and with it, in Django, a connection of its own: the file is opened,
its schema parsed, every statement prepared and every page of it read again.
"""

import threading
from pathlib import Path
from sqlite3 import Connection

Place = tuple[int, int]
"""Device and number of a file: not those of the one that took its name."""


class Kept:
    """At most ``most`` connections that nobody uses now; none unless ``most`` is set, as ``project.asgi`` does."""

    def __init__(self) -> None:
        self.most = 0
        self._lock = threading.Lock()
        self._free: list[tuple[Place, Connection]] = []

    def take(self, place: Place | None) -> Connection | None:
        """The one last given back of the file at ``place``; those of a file that was there before are closed."""
        with self._lock:
            others = [one for one in self._free if one[0] != place]
            self._free = [one for one in self._free if one[0] == place]
            found = self._free.pop()[1] if self._free else None
        for _, other in others:
            other.close()
        return found

    def give(self, place: Place | None, connection: Connection) -> bool:
        """Whether it is kept: of a file that was there when it was opened, and not one too many."""
        with self._lock:
            if place is None or len(self._free) >= self.most:
                return False
            self._free.append((place, connection))
        return True


def place_of(name: str) -> Place | None:
    """None where there is no such file, as in memory."""
    try:
        found = Path(name).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


KEPT = Kept()
