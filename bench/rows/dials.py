"""Loading the same CSV into PostgreSQL as DIALS does: arrays of double precision, a partition for each dataset."""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from bench import inputs, scratch
from bench.measure import Line, Pairs, Scale, Timing, interleave, timed
from bench.rows.base import POSTGRES, Row
from bench.rows.loading import load_csv

LEAST = {"1d": 1.5, "2d": 8.0}
CHUNK = {"1d": 5_000, "2d": 1_000}
MAPS = 192
KEY = "dataset_id, run_number, ls_number, me_id"
THEIRS = ("file_id", "run_number", "ls_number", "me_id", "run_number, me_id")
AS_MANY = ("me_id, dataset_id, run_number, ls_number",)
"""The indexes of DIALS' tables beside the key; and the one that makes them as many as ours, and of the same columns."""


def measure(scale: Scale) -> list[Line]:
    ones = inputs.write_histograms(scratch.folder() / "ones.csv", scale.pick(2_000, 40_000))
    maps = inputs.write_maps(scratch.folder() / "maps.csv", scale.pick(8, MAPS))
    return [
        line
        for path, kind in ((ones, "1d"), (maps, "2d"))
        for indexes, said in ((THEIRS, "with their five indexes"), (AS_MANY, "with as many indexes as ours"))
        for line in [_line(path, kind, indexes, said, scale)]
    ]


def _line(path: Path, kind: str, indexes: tuple[str, ...], said: str, scale: Scale) -> Line:
    counts: dict[str, int] = {}

    def ours() -> Timing:
        scratch.fresh()
        results: list[dict[str, Any]] = []
        taken = timed(lambda: results.append(load_csv(path)))
        counts["ours"] = results[0]["stored"]
        return taken

    def theirs() -> Timing:
        with closing(opened(kind, indexes)) as plain:
            taken = timed(lambda: copy(plain, path, kind))
            counts["theirs"] = plain.execute(f"SELECT count(*) FROM fact_th{kind[0]}").fetchone()[0]  # noqa: S608
        return taken

    pairs = interleave(ours, theirs, scale.repeats)
    assert counts["ours"] == counts["theirs"], counts
    return _faster(
        f"load {counts['ours']:,} {kind.upper()} rows beside DIALS' way {said}", pairs, LEAST[kind]
    )


def _faster(work: str, pairs: Pairs, least: float) -> Line:
    """How many times faster ours is, in time on the wall: most of the work of both is the server's."""
    ours, theirs = (median(timing.wall for timing in side) for side in (pairs.ours, pairs.floor))
    faster = [1 / ratio for ratio in pairs.ratios]
    times = theirs / ours
    return Line(
        work=work, ours=ours, floor=theirs, ratio=times, low=min(faster), high=max(faster),
        target=f"≥ {least:g} × faster", met=times >= least, runs=len(faster),
    )  # fmt: skip


def opened(kind: str, indexes: tuple[str, ...]) -> Any:
    """A connection, with an empty table as DIALS has it."""
    import psycopg

    plain = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    table, dimension = f"fact_th{kind[0]}", int(kind[0])
    axes = ", ".join(
        f"{letter}_min float8, {letter}_max float8, {letter}_bin int4" for letter in "xy"[:dimension]
    )
    plain.execute(f"DROP TABLE IF EXISTS {table}")
    plain.execute(
        f"CREATE TABLE {table} (dataset_id int8, file_id int8, run_number int4, ls_number int4, me_id int4, {axes}, "
        f"entries int4, data float8{'[]' * dimension}, PRIMARY KEY ({KEY})) PARTITION BY LIST (dataset_id)"
    )
    for number, columns in enumerate(indexes):
        plain.execute(f"CREATE INDEX {table}_{number} ON {table} ({columns})")
    plain.execute(f"CREATE TABLE {table}_7 PARTITION OF {table} FOR VALUES IN (7)")
    return plain


def copy(plain: Any, path: Path, kind: str) -> None:
    """COPY of text in chunks, as DIALS sends its tables."""
    rows = arrays(path, kind)
    while chunk := list(islice(rows, CHUNK[kind])):
        text = io.StringIO()
        csv.writer(text).writerows(chunk)
        statement = f"COPY fact_th{kind[0]} FROM STDIN WITH CSV"
        with plain.transaction(), plain.cursor() as cursor, cursor.copy(statement) as sent:
            sent.write(text.getvalue())


def arrays(path: Path, kind: str) -> Iterator[tuple]:
    """Rows without flow bins, the contents as the text of an array of doubles."""
    elements: dict[str, int] = {}
    with path.open(newline="") as file:
        reader = csv.reader(file)
        head = next(reader)
        at = {name: head.index(name) for name in head}
        for row in reader:
            get = {name: row[place] for name, place in at.items()}
            counts = list(map(float, orjson.loads(get["histo"])))
            x, y = int(get["Xbins"]), int(get["Ybins"])
            element = elements.setdefault(get["hname"], len(elements) + 1)
            key = (7, 1, int(get["fromrun"]), int(get["fromlumi"]), element)
            axes = (float(get["Xmin"]), float(get["Xmax"]), x)
            if kind == "1d":
                yield *key, *axes, int(get["entries"]), _text(counts[1:-1])
                continue
            lines = (counts[line * (x + 2) + 1 : line * (x + 2) + 1 + x] for line in range(1, y + 1))
            data = "{" + ",".join(map(_text, lines)) + "}"
            yield *key, *axes, float(get["Ymin"]), float(get["Ymax"]), y, int(get["entries"]), data


def _text(values: Iterable[float]) -> str:
    return "{" + ",".join(map(repr, values)) + "}"


ROW = Row(
    "dials",
    "DIALS' way: double precision[], a partition for each dataset, COPY",
    measure,
    databases=(POSTGRES,),
    quick=False,
)
