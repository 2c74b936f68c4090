"""alone.py LOCK NAME COMMAND…: runs the command unless a copy of it holds the lock; then exit code 75 and a message.

The lock belongs to the open file, which the command and all it starts inherit: it ends with the last of them, however
they end, and no file that was left behind bars anybody.
"""

import fcntl
import os
import sys
from pathlib import Path

BUSY = 75  # EX_TEMPFAIL of sysexits.h: try again later


def leave(message: str, code: int) -> None:
    sys.stderr.write(f"{message}\n")
    sys.exit(code)


def hold(lock: str, name: str) -> None:
    """Take the lock, for this process and what it becomes; leave where that cannot be."""
    try:
        held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = Path(lock).read_text().strip() or "unknown"
        leave(f"{name}: another copy is at work (process {other}), so this one does nothing", BUSY)
    except OSError as error:
        leave(f"{name}: cannot hold the lock {lock}: {error.strerror}", 1)
    os.truncate(held, 0)
    os.write(held, f"{os.getpid()}\n".encode())
    os.set_inheritable(held, True)


if __name__ == "__main__":
    path, title, *command = sys.argv[1:]
    hold(path, title)
    os.execvp(command[0], command)  # noqa: S606 what it is told to run, without a shell
