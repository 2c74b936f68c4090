"""What a result was measured with: versions, machine, commit."""

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "django", "djangorestframework", "orjson", "pyarrow", "scikit-learn", "psycopg", "feets")
ROOT = Path(__file__).resolve().parent.parent


def git(*command: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *command],  # noqa: S607
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def commit() -> str:
    return git("rev-parse", "--short=10", "HEAD") or "uncommitted"


def versions(postgres_url: str | None) -> dict[str, Any]:
    return {
        "commit": commit(),
        "dirty": bool(git("status", "--porcelain")),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "sqlite": sqlite3.sqlite_version,
        "postgres": _postgres(postgres_url),
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def _postgres(url: str | None) -> str | None:
    if url is None:
        return None
    import psycopg

    with psycopg.connect(url) as connection:
        return str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
