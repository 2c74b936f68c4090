"""Histograms of a whole selection as an Arrow stream, taken part by part as a client takes it."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bench import scratch
from bench.measure import Line, Scale, interleave, timed
from bench.rows.base import Row
from bench.versions import ROOT

PATH = "/api/v1/lumisection-histograms/?format=arrow"
ELEMENTS, MOST, MOST_MB = 10, 3.0, 100
COUNTS = "SELECT counts FROM histos_lumisectionhistogram"
SAME = """
SELECT h.id, r.experiment, r.number, l.number, d.name, e.name, e.id, h.entries, e.axes, e.storage, h.counts
FROM histos_lumisectionhistogram h JOIN runs_lumisection l ON l.id = h.lumisection_id
JOIN runs_run r ON r.id = l.run_id JOIN histos_dataset d ON d.id = h.dataset_id
JOIN histos_monitoringelement e ON e.id = h.element_id ORDER BY h.id
"""


def measure(scale: Scale) -> list[Line]:
    from bench.rows.filling import fill

    n = fill(scale.pick(2_000, 100_000), ELEMENTS)
    client = signed_in()
    assert rows_in(client) == n
    what = f"Arrow export of {n:,} histograms"
    with scratch.plain_connection() as plain:

        def line(path: str, query: str, work: str, most: float | None = None) -> Line:
            ours, floor = partial(taken, client, path), partial(fetched, plain, query)
            pairs = interleave(partial(timed, ours), partial(timed, floor), scale.repeats * 3)
            return pairs.line(f"{what}, {work}", most)

        return [
            line(f"{PATH}&fields=id,counts", COUNTS, "id and counts, beside SELECT counts", MOST),
            line(PATH, SAME, "all columns, beside SELECT of the same columns", MOST),
            line(PATH, COUNTS, "all columns, beside SELECT counts"),
            memory_line(what, n),
        ]


def signed_in() -> Any:
    """A client of this process, signed in as somebody who may read."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(get_user_model().objects.get_or_create(username="viewer")[0])
    return client


def taken(client: Any, path: str) -> int:
    """How many bytes came; none is kept."""
    return sum(map(len, client.get(path)))


def fetched(plain: Any, query: str) -> int:
    return len(plain.execute(query).fetchall())


def rows_in(client: Any) -> int:
    import pyarrow as pa

    return sum(batch.num_rows for batch in pa.ipc.open_stream(b"".join(client.get(PATH))))


def memory_line(what: str, n: int) -> Line:
    """How much more is resident at most while the file of all ``n`` is made than while that of 1,000 is."""
    few, many = (_peak(limit) for limit in (1_000, n))
    return Line(
        work=f"memory of the {what}, above that of 1,000", ours=many - few, unit="MB", target=f"≤ {MOST_MB} MB",
        met=many - few <= MOST_MB, note=f"{many:,.0f} MB resident at most",
    )  # fmt: skip


def _peak(limit: int) -> float:
    command = [sys.executable, "-m", "bench.rows.export_arrow", str(limit)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)


def main() -> None:
    """Prints the largest resident size of this process, in MB, after the export of the first so many."""
    import django

    django.setup()
    taken(signed_in(), f"{PATH}&limit={int(sys.argv[1])}")
    print(_largest_resident())


def _largest_resident() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        # What ``getrusage`` says begins with the size of the process that started this one.
        found = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(found["VmHWM"].split()[0]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


ROW = Row("export_arrow", "fetchall of the blobs alone, and of the same columns", measure)

if __name__ == "__main__":
    main()
