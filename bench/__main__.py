"""``python -m bench [row …]``: measures every row beside its floor, prints the ratios, keeps them as JSON."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.postgres import postgres
from bench.rows import ROWS
from bench.rows.base import POSTGRES, SQLITE, Row
from bench.table import table
from bench.versions import ROOT, commit, versions

SITE = ("DJANGO_", "LUMISIFT_", "DATABASE_URL")
KEPT = "LUMISIFT_REAL_DATA"


def arguments() -> argparse.Namespace:
    about = "\n".join(f"  {row.name:<14}beside {row.beside}" for row in ROWS.values())
    parser = argparse.ArgumentParser(
        "python -m bench", description=__doc__, epilog=f"rows:\n{about}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("rows", nargs="*", metavar="row", help="which rows; all when none is named")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small inputs, once: does it run?")
    size.add_argument("--full", action="store_true", help="a million histograms, a file of 2 GB")
    parser.add_argument("--database", choices=(SQLITE, POSTGRES), help="on this one only")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results", help="folder of the JSON")
    given = parser.parse_args()
    if unknown := [name for name in given.rows if name not in ROWS]:
        parser.error(f"no row {', '.join(unknown)}; there is {', '.join(ROWS)}")
    return given


def environment(folder: Path, database: str, postgres_url: str | None) -> dict[str, str]:
    """The settings of a site with nothing but its database set."""
    kept = {name: text for name, text in os.environ.items() if name == KEPT or not name.startswith(SITE)}
    where = {"DJANGO_DATABASE_NAME": str(folder / "site.sqlite3")}
    if database == POSTGRES:
        where = {"DATABASE_URL": str(postgres_url)}
    return {
        **kept, **where, "BENCH_SCRATCH": str(folder), "DJANGO_SETTINGS_MODULE": "project.settings",
        "LUMISIFT_ENV_FILE": os.devnull, "DJANGO_SECRET_KEY": "for-the-bench",
    }  # fmt: skip


def measured(row: Row, database: str, scale: str, postgres_url: str | None) -> list[dict[str, Any]]:
    """The lines of one row on one database, from a process of its own."""
    with tempfile.TemporaryDirectory(prefix="lumisift-bench-") as scratch:
        output = Path(scratch) / "lines.json"
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", "bench.child", row.name, scale, output],
            cwd=ROOT, env=environment(Path(scratch), database, postgres_url), check=True,
        )  # fmt: skip
        return [{"row": row.name, "database": database, **line} for line in json.loads(output.read_text())]


def main() -> int:
    given = arguments()
    scale = "quick" if given.quick else "full" if given.full else "normal"
    chosen = [ROWS[name] for name in given.rows or ROWS if given.rows or ROWS[name].quick or not given.quick]
    results: list[dict[str, Any]] = []
    failed = 0
    with tempfile.TemporaryDirectory(prefix="lumisift-bench-") as folder, postgres(Path(folder)) as url:
        about = versions(url)
        there = (SQLITE,) if url is None else (SQLITE, POSTGRES)
        wanted = [name for name in there if given.database in (None, name)]
        for row, database in ((one, name) for one in chosen for name in one.databases if name in wanted):
            try:
                lines = measured(row, database, scale, url)
            except subprocess.CalledProcessError:
                failed += 1
                continue
            if given.quick:
                lines = [{**line, "met": None} for line in lines]  # too small to judge
            results += lines
            sys.stderr.write(f"{table(lines)}\n\n")
    print(table(results))
    print(f"\nwritten to {write(given.results, scale, about, results)}")
    return 1 if failed or not results else 0


def write(folder: Path, scale: str, about: dict[str, Any], results: list[dict[str, Any]]) -> Path:
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{now:%Y-%m-%d-%H%M%S}-{commit()}{'-quick' if scale == 'quick' else ''}.json"
    document = {"measured": now.isoformat(timespec="seconds"), "scale": scale, **about, "lines": results}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
