"""What a comparison of ten detectors on a catalogue takes: for information."""

import numpy as np

from bench.measure import Line, Scale, timed
from bench.rows.base import Row

DETECTORS, CLASSES = 10, (18, 88, 136)


def measure(scale: Scale) -> list[Line]:
    from detections.comparison import Options, compare

    n = scale.pick(5_000, 387_000)
    rng = np.random.default_rng(1)
    kind = np.zeros(n, int)
    for number, size in enumerate(CLASSES, 1):
        kind[rng.choice(n, size, replace=False)] = number
    groups = np.arange(n).astype(str)
    scores = {f"detector {d}": rng.normal(0, 1, n) + d * (kind > 0) / 5 for d in range(DETECTORS)}
    options = Options()

    def all_classes() -> None:
        for number in range(1, len(CLASSES) + 1):
            rows = (kind == 0) | (kind == number)
            compare(kind[rows] == number, groups[rows], {d: s[rows] for d, s in scores.items()}, options)

    taken = timed(all_classes)
    what = f"{DETECTORS} detectors on {n:,} rows for {len(CLASSES)} classes, {options.n_boot} resamples"
    return [Line(work=f"compare {what}", ours=taken.wall, note=f"{taken.cpu:.2f} s of processor")]


ROW = Row("comparison", "nothing: for information", measure, databases=("sqlite",))
