"""Pages of 100 histograms, and of 50 maps, over the API, asked by somebody signed in, in this process."""

from functools import partial
from statistics import median
from typing import Any

import numpy as np
import orjson

from bench import inputs, scratch
from bench.measure import Line, Scale, interleave, timed
from bench.rows.base import Row
from bench.rows.loading import load_csv

PATH = "/api/v1/lumisection-histograms/"
MOST_MS, MOST_QUERIES = 12.0, 6
ELEMENTS, PAGE = 10, 100
MAPS, MOST_MAPS_MS = 50, 150.0
PLAIN = """
SELECT h.id, r.experiment, r.number, l.number, d.name, e.name, e.id, h.entries, e.axes, e.storage, h.counts
FROM histos_lumisectionhistogram h JOIN runs_lumisection l ON l.id = h.lumisection_id
JOIN runs_run r ON r.id = l.run_id JOIN histos_dataset d ON d.id = h.dataset_id
JOIN histos_monitoringelement e ON e.id = h.element_id WHERE h.id <= 100 ORDER BY h.id
"""


def measure(scale: Scale) -> list[Line]:
    sizes = [scale.pick(2_000, 10_000)] + ([1_000_000] if scale.name == "full" else [])
    return [*(line for size in sizes for line in _of_size(size, scale)), _of_maps(scale)]


def pages() -> dict[str, dict[str, Any]]:
    from bench.rows.filling import DATASETS, names

    run = inputs.FIRST_RUN
    return {
        "plain": {},
        "by element": {"element": names(ELEMENTS)[ELEMENTS // 2]},
        "by run and LS range": {"run": run, "lumisection__gte": 20, "lumisection__lte": 60},
        "by dataset": {"dataset": DATASETS[1]},
    }


def _of_size(rows: int, scale: Scale) -> list[Line]:
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client

    from bench.rows.filling import fill
    from project import garbage

    n = fill(rows, ELEMENTS)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    garbage.settle()  # as the served site does
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(get_user_model().objects.create_user("viewer"))
    with scratch.plain_connection() as plain:
        return [
            _line(f"API page of {PAGE} of {n:,} histograms, {name}", partial(client.get, PATH, asked), plain, scale)
            for name, asked in pages().items()
        ]  # fmt: skip


def _of_maps(scale: Scale) -> Line:
    """A page of maps of real size, which is mostly their numbers written as JSON."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    scratch.fresh()
    load_csv(inputs.write_maps(scratch.folder() / "maps.csv", MAPS))
    client = Client()
    client.force_login(get_user_model().objects.create_user("viewer"))
    ask = partial(client.get, PATH, {"dimension": 2, "page_size": MAPS})
    answer = ask()
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["results"]) == MAPS
    times = [1e3 * timed(ask).wall for _ in range(scale.repeats * 3)]
    ours = median(times)
    return Line(
        work=f"API page of {MAPS} maps of 300 × 200 bins", ours=ours, unit="ms", low=min(times), high=max(times),
        runs=len(times), target=f"≤ {MOST_MAPS_MS:g} ms", met=ours <= MOST_MAPS_MS,
        note=f"{len(answer.content) / 1e6:.1f} MB",
    )  # fmt: skip


def _line(work: str, ask: Any, plain: Any, scale: Scale) -> Line:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    queries = len(captured)
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["results"]) == PAGE
    pairs = interleave(partial(timed, ask), partial(timed, partial(_plain_page, plain)), scale.repeats * 10)
    ours, floor = (1e3 * median(timing.wall for timing in side) for side in (pairs.ours, pairs.floor))
    least, cpu = min(t.wall for t in pairs.ours), median(t.cpu for t in pairs.ours)
    return Line(
        work=work, ours=ours, floor=floor, unit="ms", ratio=ours / floor, low=min(pairs.ratios),
        high=max(pairs.ratios), runs=len(pairs.ours), target=f"≤ {MOST_MS:g} ms, ≤ {MOST_QUERIES} queries",
        met=ours <= MOST_MS and queries <= MOST_QUERIES,
        note=f"{queries} queries, fastest {1e3 * least:.1f} ms, {1e3 * cpu:.1f} ms of processor",
    )  # fmt: skip


def _plain_page(plain: Any) -> bytes:
    """A hundred histograms as JSON, without a question, a filter or a user."""
    rows = [
        (*row[:-1], np.frombuffer(row[-1], "<u2", inputs.BINS + 2)) for row in plain.execute(PLAIN).fetchall()
    ]
    assert len(rows) == PAGE
    return orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)


ROW = Row(
    "api_pages", "a fixed time (DIALS: 11 to 16 ms, MLplayground: 67 to 308 ms); one SELECT + orjson", measure
)
