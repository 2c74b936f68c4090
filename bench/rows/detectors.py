"""What detectors take to fit and score: for information."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from bench import inputs
from bench.measure import Line, Scale, timed
from bench.rows.base import Row
from project.samples import HistogramSequence, Samples, Table

OF_TABLES = ("robust_z", "isolation_forest", "knn", "pca", "lof", "pyod.HBOS", "pyod.ECOD", "pyod.COPOD")
OF_HISTOGRAMS = ("robust_z", "isolation_forest", "knn", "pca", "lof", "reference_chi2", "reference_ks")
WARM_UP = 100


def measure(scale: Scale) -> list[Line]:
    stars = table(scale.pick(2_000, 387_000))
    histograms = sequence(scale.pick(200, 3_000))
    return [
        *_lines(stars, OF_TABLES, f"{len(stars):,} × {stars.X.shape[1]}"),
        *_lines(histograms, OF_HISTOGRAMS, "{:,} × {} histograms".format(*histograms.counts.shape)),
    ]


def table(n: int) -> Table:
    """As many rows of four columns as the OGLE-III catalogue has complete ones, in a few clouds like it."""
    rng = np.random.default_rng(1)
    cloud = rng.choice(5, n, p=(0.86, 0.11, 0.02, 0.007, 0.003))
    X = rng.normal(0, 1, (n, 4)) * rng.uniform(0.3, 1.5, (5, 4))[cloud] + rng.normal(0, 4, (5, 4))[cloud]
    ids = np.arange(n).astype(str)
    return Table(ids=ids, groups=ids, X=X.round(3), columns=("I", "V-I", "log P", "A"))


def sequence(n: int) -> HistogramSequence:
    counts = inputs.histogram_counts(n).astype(float)
    number = np.arange(n)
    return HistogramSequence(
        ids=number.astype(str), groups=(number // 300).astype(str), counts=counts,
        edges=(np.linspace(-0.5, 99.5, inputs.BINS + 1),), times=number.astype(float), entries=counts.sum(1),
    )  # fmt: skip


def _lines(samples: Samples, names: tuple[str, ...], size: str) -> Iterator[Line]:
    from detections.detectors import make

    for name in names:
        make(name).fit(samples.take(np.arange(WARM_UP)))  # imports what it needs
        taken = timed(partial(_fit_and_score, make(name), samples))
        note = f"{taken.cpu:.2f} s of processor"
        yield Line(work=f"{name}: fit and score {size}", ours=taken.wall, note=note)


def _fit_and_score(detector: Any, samples: Samples) -> Any:
    return detector.fit(samples).score(samples)


ROW = Row("detectors", "nothing: for information", measure, databases=("sqlite",), quick=False)
