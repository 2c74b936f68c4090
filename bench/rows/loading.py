"""What the rows that load files share: ours through the service, the floor into a table of its own."""

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

from bench import floors, scratch
from bench.measure import Pairs, Scale, Timing, interleave, timed

Load = Callable[[], dict[str, Any]]
Rows = Callable[[], Iterable[tuple]]
ELSE = ("known", "conflicts", "rejected", "refused")
DATASET = "/ZeroBias/Run2018A-UL/DQMIO"


def beside_floor(load: Load, table: floors.Table, rows: Rows, scale: Scale) -> Pairs:
    """Timings of a load into an empty database, in turn with the same rows into the floor's table."""

    def ours() -> Timing:
        scratch.fresh()
        results: list[dict[str, Any]] = []
        taken = timed(lambda: results.append(load()))
        assert results[0]["stored"], results[0]
        assert not any(results[0][name] for name in ELSE), results[0]
        return taken

    return interleave(ours, lambda: floor_of(table, rows), scale.repeats)


def floor_of(table: floors.Table, rows: Rows) -> Timing:
    if scratch.vendor() == "sqlite":
        with closing(floors.open_sqlite(scratch.folder() / "floor.sqlite3", table)) as plain:
            return timed(lambda: floors.insert_sqlite(plain, table, rows()))
    with closing(floors.open_postgres(os.environ["DATABASE_URL"], table)) as plain:
        return timed(lambda: floors.copy_postgres(plain, table, rows()))


def load_csv(path: Path) -> dict[str, Any]:
    from histos.services import load_histos

    return load_histos([path], "ml4dqm-csv", DATASET)


def assert_same_bytes(rows: Rows) -> None:
    """What ours stored is what the floor wrote, byte for byte."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT counts FROM histos_lumisectionhistogram ORDER BY id")
        stored = [bytes(row[0]) for row in cursor.fetchall()]
    assert stored == [row[5] for row in rows()]
