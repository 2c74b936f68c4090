"""Fifty people read the site while a file is loaded into the same SQLite database.

BENCH_SITE names a filled SQLite database, such as the demonstration's, to be copied and read; without it, histograms of
the bench are.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import inputs, scratch
from bench.measure import Line, Pairs, Scale, Timing, interleave
from bench.rows.base import SQLITE, Row
from bench.rows.loading import DATASET
from bench.site import API, Visitor, addresses, served
from bench.versions import ROOT

READERS = 50
WORKERS = max(1, min(4, (os.cpu_count() or 1) - 1))
"""As many processes as ``scripts/demo.sh`` starts: a core is left for who loads and computes."""
MOST = 2.0


@dataclass
class Seen:
    """What the readers of all repeats saw; ``wal`` is the largest write-ahead log, in MB."""

    answers: list[list[Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    wal: float = 0.0

    @property
    def wrong(self) -> list[str]:
        return [*self.broken, *(f"{path}: {status}" for path, status, _ in self.answers if status != 200)]

    @property
    def times(self) -> list[float]:
        return [milliseconds for *_, milliseconds in self.answers]


def measure(scale: Scale) -> list[Line]:
    rows = scale.pick(2_000, 200_000)
    csv = inputs.write_histograms(scratch.folder() / "histograms.csv", rows)
    template = _filled(scale)
    seen = Seen()
    pairs = interleave(
        lambda: _load(template, csv, rows, seen), lambda: _load(template, csv, rows, None), scale.pick(1, 3)
    )
    return list(_lines(pairs, seen, rows))


def _filled(scale: Scale) -> Path:
    """A database to read, with all tables up to date."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    name = Path(settings.DATABASES["default"]["NAME"])
    if given := os.environ.get("BENCH_SITE"):
        shutil.copy(given, name)
        call_command("migrate", verbosity=0)
    else:
        from bench.rows.filling import fill

        fill(scale.pick(2_000, 100_000), 20)
    connections.close_all()
    return Path(shutil.copy(name, name.with_suffix(".filled")))


def _load(template: Path, csv: Path, rows: int, seen: Seen | None) -> Timing:
    """Seconds of the load into a copy of ``template`` that the site serves, read by many if ``seen`` is given."""
    database = scratch.folder() / "served.sqlite3"
    for side in ("", *scratch.SIDE_FILES):
        Path(f"{database}{side}").unlink(missing_ok=True)
    shutil.copy(template, database)
    environment = {**os.environ, "DJANGO_DATABASE_NAME": str(database)}
    with served(environment, WORKERS) as port:
        paths = [*API, *(path for paths in addresses(Visitor(port)).values() for path in paths)]
        if seen is None:
            return _loaded(environment, csv, rows)
        with _read(port, paths, seen):
            timing = _loaded(environment, csv, rows)
            seen.wal = max(seen.wal, Path(f"{database}-wal").stat().st_size / 1e6)
        return timing


@contextmanager
def _read(port: int, paths: list[str], seen: Seen) -> Iterator[None]:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "bench.readers", str(port), str(READERS)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps(paths) + "\n")
    process.stdin.flush()
    try:
        yield
    finally:
        output = json.loads(process.communicate()[0])
        seen.answers += output["answers"]
        seen.broken += output["broken"]


def _loaded(environment: dict[str, str], csv: Path, rows: int) -> Timing:
    command = ["load_histos", str(csv), "--reader", "ml4dqm-csv", "--dataset", DATASET, "--json"]
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    counts = json.loads(done.stdout.splitlines()[-1])
    assert counts["stored"] == rows, counts
    return Timing(counts["seconds"], counts["seconds"])


def _lines(pairs: Pairs, seen: Seen, rows: int) -> Iterator[Line]:
    wrong = seen.wrong
    about = (
        f"{len(seen.times):,} answers of {WORKERS} process(es); the write-ahead log grew to {seen.wal:.0f} MB"
    )
    work = f"load {rows:,} histograms while {READERS} read the site, beside the same alone"
    yield pairs.line(work, MOST, note=about)
    percent = quantiles(seen.times, n=100, method="inclusive")
    for name, value in (("median", median(seen.times)), ("p99", percent[98])):
        yield Line(work=f"answer to one of {READERS} readers while it loads, {name}", ours=value, unit="ms")
    yield Line(
        work=f"wrong answers to {READERS} readers while it loads", ours=len(wrong), unit="", target="none",
        met=not wrong, note="; ".join(dict.fromkeys(wrong[:3])),
    )  # fmt: skip


ROW = Row("site_load", "the same load with nobody reading", measure, databases=(SQLITE,), quick=False)
