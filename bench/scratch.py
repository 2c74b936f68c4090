"""The scratch database of a row: under the site's settings, migrated once, empty again each time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

SIDE_FILES = ("-wal", "-shm")


def folder() -> Path:
    """Where a row may put files; gone when it ends."""
    return Path(os.environ["BENCH_SCRATCH"])


def vendor() -> str:
    return connection.vendor


def fresh() -> None:
    """An empty database, as ``migrate`` makes it."""
    if vendor() == "sqlite":
        _fresh_sqlite(Path(settings.DATABASES["default"]["NAME"]))
        return
    if "runs_run" not in connection.introspection.table_names():
        call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


def _fresh_sqlite(path: Path) -> None:
    template = path.with_suffix(".template")
    if not template.exists():
        call_command("migrate", verbosity=0)
        connections.close_all()
        shutil.copy(path, template)
    connections.close_all()
    for side in SIDE_FILES:
        Path(f"{path}{side}").unlink(missing_ok=True)
    shutil.copy(template, path)
    connection.ensure_connection()


@contextmanager
def plain_connection() -> Iterator[Any]:
    """The database without Django: what a floor reads from."""
    if vendor() == "sqlite":
        import sqlite3

        plain = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
        try:
            yield plain
        finally:
            plain.close()
    else:
        import psycopg

        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as plain:
            yield plain
