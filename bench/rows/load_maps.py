"""Loading maps of 300 × 200 bins: the real ones where they are there, else made like them."""

import os
from functools import partial
from pathlib import Path

from bench import floors, inputs, scratch
from bench.measure import Line, Scale
from bench.rows.base import Row
from bench.rows.loading import assert_same_bytes, beside_floor, load_csv

REAL = "cms/hist2d/*.csv.gz"
MOST = 2.5


def maps(scale: Scale) -> tuple[Path, str]:
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    real = sorted(Path(folder).glob(REAL)) if folder else []
    if real:
        return real[0], "real"
    return inputs.write_maps(scratch.folder() / "maps.csv", scale.pick(8, 64)), "made"


def measure(scale: Scale) -> list[Line]:
    from project.vectors import encode

    path, kind = maps(scale)
    rows = partial(floors.histogram_rows, path, encode)
    pairs = beside_floor(partial(load_csv, path), floors.HISTOGRAMS, rows, scale)
    assert_same_bytes(rows)
    n = sum(1 for _ in rows())
    return [pairs.line(f"load {n} maps of 300 × 200 bins ({kind})", MOST)]


ROW = Row("load_maps", "csv + orjson + the same codec, executemany or binary COPY", measure)
