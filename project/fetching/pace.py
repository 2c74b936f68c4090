"""Not more requests a second to one host than it is asked for, whoever in this process asks."""

import threading
import time
from collections.abc import Callable

_next_turn: dict[str, float] = {}
_lock = threading.Lock()


def wait_turn(host: str, per_second: float, pause: Callable[[float], object] = time.sleep) -> None:
    """Return when this caller may ask ``host``: its turn comes 1/``per_second`` after that of the one before."""
    with _lock:
        now = time.monotonic()
        turn = max(now, _next_turn.get(host, now))
        _next_turn[host] = turn + 1.0 / per_second
    if turn > now:
        pause(turn - now)
