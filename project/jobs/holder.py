"""Who holds a lease: a process, named so that a dead one is recognised at once on the same machine."""

import os
import socket
from datetime import datetime
from functools import cache
from pathlib import Path

from django.utils import timezone


def _started(pid: int) -> str:
    """Start time of a process in clock ticks; a reused number has another one. Empty: no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


@cache
def _name(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{_started(pid)}"


def me() -> str:
    return _name(os.getpid())


def is_alive(holder: str, lease_until: datetime | None) -> bool:
    """Whether another process than this one still holds the lease.

    On this machine the process table answers; for another machine only the lease can.
    """
    if not holder or holder == me():
        return False
    host, pid, started = holder.rsplit(":", 2)
    if host == socket.gethostname() and Path("/proc/self/stat").exists():
        return _started(int(pid)) == started != ""
    return lease_until is not None and lease_until > timezone.now()
