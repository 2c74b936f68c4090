"""Loading 1D histograms of 100 bins."""

from functools import partial

from bench import floors, inputs, scratch
from bench.measure import Line, Scale
from bench.rows.base import Row
from bench.rows.loading import assert_same_bytes, beside_floor, load_csv

MOST = {"sqlite": 2.5, "postgresql": 3.0}


def measure(scale: Scale) -> list[Line]:
    n = scale.pick(2_000, 40_000)
    path = inputs.write_histograms(scratch.folder() / "histograms.csv", n)
    rows = partial(floors.histogram_rows, path, floors.as_uint16)
    pairs = beside_floor(partial(load_csv, path), floors.HISTOGRAMS, rows, scale)
    assert_same_bytes(rows)
    line = pairs.line(f"load {n:,} 1D histograms of 100 bins from ML4DQM CSV", MOST[scratch.vendor()])
    return [line]


ROW = Row("load_1d", "csv + orjson, executemany or binary COPY of the same bytes", measure)
