"""``python -m bench.pages [DATABASE]``: every kind of page beside its budget, in Chromium on a served site.

Reads a copy of DATABASE, by default of what ``scripts/demo.sh`` filled, as an expert; with ``--large`` a run of 1,500
lumisections with 200 elements, which it loads first. Chromium is the system's, or LUMISIFT_CHROMIUM names it.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench.browsing import Chromium, View
from bench.large import addresses as large_addresses
from bench.large import fill, with_figures
from bench.large_input import Size
from bench.site import Visitor, is_data, of_links, served
from bench.versions import ROOT, commit, versions

ASKED, VISITS = 20, 5
BUDGETS = {
    "median": 60.0, "p95": 200.0, "html": 150_000, "script": 60_000, "view": 1_000.0, "shift": 0.01, "wide": 0,
}  # fmt: skip
COLUMNS = (
    "page",
    "median ms",
    "p95 ms",
    "HTML kB",
    "our JS kB",
    "view ms",
    "cold ms",
    "shift",
    "too wide",
    "beyond",
)


@dataclass(frozen=True)
class Measured:
    """One kind of page. Milliseconds, bytes, and at 400 px of width how many px stick out.

    ``median`` and ``p95`` are of the answer alone; ``view`` until the first view is complete, with the site's static
    files in the cache; ``cold`` in a browser that never saw the site. Of ``data`` that a script asks for, only the
    answer is measured.
    """

    page: str
    median: float
    p95: float
    html: int
    script: int
    view: float
    cold: float
    shift: float
    wide: int
    data: bool = False

    @property
    def beyond(self) -> list[str]:
        judged = BUDGETS if not self.data else ("median", "p95")
        return [name for name in judged if getattr(self, name) > BUDGETS[name]]


def main() -> int:
    parser = argparse.ArgumentParser("python -m bench.pages", description=__doc__)
    parser.add_argument("database", nargs="?", type=Path, default=ROOT / "lumisift.sqlite3")
    parser.add_argument("--large", action="store_true", help="pages of a long run with many elements instead")
    parser.add_argument("--only", default="", help="kinds of pages that contain this")
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "results", help="folder of the JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lumisift-bench-") as folder:
        database = Path(folder) / "site.sqlite3"
        if not given.large:
            shutil.copy(given.database, database)
        measured = list(measure(database, given.only, given.large))
    sys.stdout.write(f"{table(measured)}\n")
    path = write(given.results, measured, "large-run" if given.large else "pages")
    sys.stdout.write(f"\nwritten to {path}\n")
    return 1 if any(one.beyond for one in measured) else 0


def measure(database: Path, only: str, large: bool = False) -> Iterator[Measured]:
    environment = {
        **os.environ, "DJANGO_DATABASE_NAME": str(database), "DJANGO_SETTINGS_MODULE": "project.settings",
        "LUMISIFT_ENV_FILE": os.devnull, "DJANGO_SECRET_KEY": "for-the-bench-" * 5,
    }  # fmt: skip
    cookie = signed_in(environment)
    chosen = large_run(database.parent) if large else {}
    with (
        served(environment, 1) as port,
        Chromium(port, cookie) as chromium,
        visiting(port, cookie) as visitor,
    ):
        kinds = with_figures(chosen, visitor) if large else of_links(visitor)
        for kind, path in kinds.items():
            if only in kind:
                sys.stderr.write(f"{kind} …\n")
                yield measured(kind, path, visitor, chromium)


def large_run(folder: Path) -> dict[str, str]:
    """Fills the database with it; the addresses of its pages."""
    from django.db import connections

    fill(folder, Size())
    found = large_addresses(Size())
    connections.close_all()
    return found


def signed_in(environment: dict[str, str]) -> str:
    """The session of an expert, in a database with all tables up to date."""
    os.environ.update(environment)
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("visitor-of-the-bench")
    user.groups.add(Group.objects.get(name="expert"))
    client = Client()
    client.force_login(user)
    connections.close_all()
    return client.cookies["sessionid"].value


@contextmanager
def visiting(port: int, cookie: str) -> Iterator[Visitor]:
    visitor = Visitor(port, cookie)
    try:
        yield visitor
    finally:
        visitor.close()


def measured(kind: str, path: str, visitor: Visitor, chromium: Chromium) -> Measured:
    answers = [visitor.get(path) for _ in range(ASKED + 1)][1:]  # the first may import what it needs
    times = sorted(answer.milliseconds for answer in answers)
    p95, size = times[int(0.95 * len(times))], len(answers[0].content)
    if is_data(path):
        return Measured(kind, median(times), p95, size, 0, 0.0, 0.0, 0.0, 0, data=True)
    cold = chromium.view(path, fresh=True)
    views: list[View] = [chromium.view(path) for _ in range(VISITS)]
    return Measured(
        page=kind, median=median(times), p95=p95, html=size,
        script=cold.script, view=median(view.complete for view in views), cold=cold.complete,
        shift=max(view.shift for view in (cold, *views)), wide=chromium.sticks_out(path),
    )  # fmt: skip


def table(measured: list[Measured]) -> str:
    worst_first = sorted(measured, key=lambda one: -len(one.beyond))
    rows = [COLUMNS, *map(cells, worst_first)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def cells(one: Measured) -> tuple[str, ...]:
    return (
        one.page, f"{one.median:.0f}", f"{one.p95:.0f}", f"{one.html / 1e3:.0f}", f"{one.script / 1e3:.0f}",
        f"{one.view:.0f}", f"{one.cold:.0f}", f"{one.shift:.3f}", str(one.wide), ", ".join(one.beyond),
    )  # fmt: skip


def write(folder: Path, measured: list[Measured], what: str) -> Path:
    now = datetime.now(UTC)
    document: dict[str, Any] = {
        "measured": now.isoformat(timespec="seconds"), **versions(None), "budgets": BUDGETS,
        "pages": [asdict(one) | {"beyond": one.beyond} for one in measured],
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{what}-{now:%Y-%m-%d-%H%M%S}-{commit()}.json"
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
