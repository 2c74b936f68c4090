"""Many histograms in the scratch database, put there without a file."""

from collections.abc import Iterator

from bench import inputs, scratch
from histos.ensure import ensure_dataset, ensure_elements
from histos.models import LumisectionHistogram
from histos.records import Axis, Element
from project import bulk
from project.vectors import encode
from runs.services import ensure_lumisections

DATASETS = ("/ZeroBias/Run2018A-UL/DQMIO", "/JetHT/Run2018A-UL/DQMIO")
FIELDS = ("lumisection", "dataset", "element", "entries", "counts")
LUMISECTIONS = 500
BATCH = 20_000


def names(elements: int) -> list[str]:
    return [f"PixelPhase1/Tracks/charge_PXLayer_{number}" for number in range(elements)]


def fill(rows: int, elements: int, datasets: tuple[str, ...] = DATASETS) -> int:
    """About ``rows`` histograms: every element of every dataset in every lumisection; returns how many."""
    scratch.fresh()
    made = [Element(name, (Axis(-0.5, 99.5, inputs.BINS),)) for name in names(elements)]
    element_ids = list(ensure_elements(made).values())
    dataset_ids = [ensure_dataset(name).pk for name in datasets]
    n_lumisections = -(-rows // (len(element_ids) * len(dataset_ids)))
    keys = [(inputs.FIRST_RUN + at // LUMISECTIONS, at % LUMISECTIONS + 1) for at in range(n_lumisections)]
    things = ensure_lumisections(keys, "CMS", None)
    blobs = [(float(counts.sum()), encode(counts)) for counts in inputs.histogram_counts()]
    held: list[tuple] = []
    total = 0
    for key in _keys([things[key] for key in keys], dataset_ids, element_ids):
        held.append((*key, *blobs[total % len(blobs)]))
        total += 1
        if len(held) == BATCH:
            bulk.insert(LumisectionHistogram, FIELDS, held)
            held.clear()
    bulk.insert(LumisectionHistogram, FIELDS, held)
    return total


def _keys(things: list[int], datasets: list[int], elements: list[int]) -> Iterator[tuple[int, int, int]]:
    for thing in things:
        for dataset in datasets:
            for element in elements:
                yield thing, dataset, element
