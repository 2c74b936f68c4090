"""Reading the histograms of one element into a matrix."""

from functools import partial
from typing import Any

import numpy as np

from bench import inputs, scratch
from bench.measure import Line, Scale, interleave, timed
from bench.rows.base import Row

MOST = 2.0
CELLS = inputs.BINS + 2
JOINED = """
SELECT r.experiment, r.number, l.number, h.entries, h.counts FROM histos_lumisectionhistogram h
JOIN runs_lumisection l ON l.id = h.lumisection_id JOIN runs_run r ON r.id = l.run_id
WHERE h.element_id = 1 ORDER BY r.experiment, r.number, l.number
"""
BARE = "SELECT counts FROM histos_lumisectionhistogram WHERE element_id = 1"


def measure(scale: Scale) -> list[Line]:
    from bench.rows.filling import DATASETS, fill
    from histos.models import LumisectionHistogram, MonitoringElement

    n = fill(scale.pick(1_000, 20_000), elements=1, datasets=DATASETS[:1])
    element = MonitoringElement.objects.get()
    assert element.pk == 1
    read = partial(LumisectionHistogram.objects.all().as_samples, element)
    with scratch.plain_connection() as plain:
        assert np.array_equal(read().counts, matrix(plain, JOINED))
        runs = scale.repeats * 3
        lines = []
        for query, what, most in (
            (JOINED, "the same rows and columns", MOST),
            (BARE, "counts alone, in any order", None),
        ):
            floor = partial(timed, partial(matrix, plain, query))
            pairs = interleave(partial(timed, read), floor, runs)
            lines.append(pairs.line(f"read {n:,} × {inputs.BINS} into a matrix beside {what}", most))
        return lines


def matrix(plain: Any, query: str) -> np.ndarray:
    rows = plain.execute(query).fetchall()
    out = np.empty((len(rows), CELLS))
    for at, row in enumerate(rows):
        out[at] = np.frombuffer(row[-1], "<u2", CELLS)
    return out


ROW = Row("read_matrix", "fetchall + np.frombuffer", measure)
