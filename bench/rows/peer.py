"""Loading 1D histograms as MLplayground does: queries for every row, one commit a statement."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench import inputs, scratch
from bench.measure import Line, Pairs, Scale, Timing, interleave, timed
from bench.rows.base import Row
from bench.rows.loading import DATASET, load_csv

LEAST = 60
CHUNK = 50
Store = Callable[[Any], None]


def measure(scale: Scale) -> list[Line]:
    many, few = scale.pick(2_000, 40_000), scale.pick(100, 400)
    long = inputs.write_histograms(scratch.folder() / "long.csv", many)
    short = inputs.write_histograms(scratch.folder() / "short.csv", few)
    ways = {
        "get_or_create of run, lumisection and histogram per row": one_by_one,
        "get_or_create of run and lumisection per row, histograms in fifties": in_fifties,
    }
    return [
        _line(f"load {many:,} 1D histograms beside {name}", _pairs(long, short, way, scale), many / few)
        for name, way in ways.items()
    ]


def one_by_one(store: Store) -> Store:
    """Each histogram by a ``get_or_create`` of its own."""

    def put(histogram: Any) -> None:
        kept = {"entries": histogram.entries, "counts": histogram.counts}
        type(histogram).objects.get_or_create(
            lumisection=histogram.lumisection, dataset=histogram.dataset, element=histogram.element,
            defaults=kept,
        )  # fmt: skip

    return put


def in_fifties(store: Store) -> Store:
    """Histograms held back until there are fifty."""
    held: list[Any] = []

    def put(histogram: Any) -> None:
        held.append(histogram)
        if len(held) == CHUNK:
            store(held)
            held.clear()

    return put


def load_as_the_peer(path: Path, way: Callable[[Store], Store]) -> None:
    """The whole file by pandas, row by row, with the file's progress saved every fifty rows."""
    import pandas as pd

    from histos.models import Dataset, LumisectionHistogram, MonitoringElement
    from project.models import SourceFile
    from runs.models import Lumisection, Run

    file = SourceFile.objects.create(name=path.name, identity=path.name)
    dataset = Dataset.objects.create(name=DATASET)
    put = way(partial(LumisectionHistogram.objects.bulk_create, ignore_conflicts=True))
    elements: dict[str, Any] = {}
    for place, (_, row) in enumerate(pd.read_csv(path).iterrows(), 1):
        run, _ = Run.objects.get_or_create(experiment="CMS", number=row["fromrun"])
        lumisection, _ = Lumisection.objects.get_or_create(run=run, number=row["fromlumi"])
        name = row["hname"]
        if name not in elements:
            elements[name] = MonitoringElement.objects.create(name=name, dimension=1, axes=[])
        put(LumisectionHistogram(
            lumisection=lumisection, dataset=dataset, element=elements[name],
            entries=row["entries"], counts=json.loads(row["histo"]),
        ))  # fmt: skip
        if place % CHUNK == 0:
            file.position = place
            file.save()
    assert LumisectionHistogram.objects.count() == place


def _pairs(long: Path, short: Path, way: Callable[[Store], Store], scale: Scale) -> Pairs:
    def ours() -> Timing:
        scratch.fresh()
        return timed(partial(load_csv, long))

    def theirs() -> Timing:
        scratch.fresh()
        return timed(partial(load_as_the_peer, short, way))

    return interleave(ours, theirs, min(scale.repeats, 3))


def _line(work: str, pairs: Pairs, more: float) -> Line:
    """How many times faster ours is per row; theirs loaded ``more`` times fewer rows."""
    ours, theirs = (median(t.wall for t in side) for side in (pairs.ours, pairs.floor))
    faster = [more / ratio for ratio in pairs.ratios]
    times = theirs * more / ours
    return Line(
        work=work, ours=ours, floor=theirs * more, ratio=times, low=min(faster), high=max(faster),
        target=f"≥ {LEAST} × faster", met=times >= LEAST, runs=len(faster),
    )  # fmt: skip


ROW = Row("peer", "MLplayground's algorithm on fewer rows, in proportion", measure, quick=False)
