"""The only writers of datasets, monitoring elements and histograms."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from histos.ensure import binning_of, ensure_dataset, ensure_element, ensure_elements
from histos.moment_store import MomentStore
from histos.readers import READERS
from histos.readers.base import chosen
from histos.readers.recognise import NO_READER, Unknown, recognised
from histos.records import HistogramRecord, MomentsRecord
from histos.stores import HistogramStore
from project.errors import UserError
from project.jobs.reporter import Reporter, Share
from project.loading import Load, load_files, make_reader
from project.loading.files import COUNTS

__all__ = [
    "HistogramStore", "MomentStore", "binning_of", "ensure_dataset", "ensure_element", "ensure_elements", "load_found",
    "load_histos",
]  # fmt: skip


STORES: dict[type, type[HistogramStore | MomentStore]] = {
    HistogramRecord: HistogramStore, MomentsRecord: MomentStore,
}  # fmt: skip


def load_histos(
    paths: Sequence[str | Path],
    reader: str,
    dataset: str,
    reporter: Reporter | None = None,
    *,
    experiment: str = "CMS",
    reader_options: dict[str, Any] | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Load histograms, or moments of them, into one dataset; ``how`` as in ``load_files``.

    Without ``reader`` each file goes to the one that knows it. ``elements`` in ``how`` are wildcards of which elements
    to load, all where there are none.
    """
    elements = tuple(how.pop("elements", ()))
    options = reader_options or {}
    into = {"dataset": dataset, "experiment": experiment, **({"elements": [*elements]} if elements else {})}

    def make_load(path: Path, policy: str) -> Load:
        name = reader or recognised(path, READERS)
        read = Unknown() if name == NO_READER else make_reader(READERS, name, options)
        read.elements, read.dataset = elements, dataset
        store = STORES[read.yields](dataset, experiment)
        return Load(
            path, name, lambda: chosen(read.read(path), read), store, into | options, policy, done=read.done
        )

    result = load_files(paths, make_load, reporter, **how)
    if elements and result["files"] and not any(result[name] for name in COUNTS):
        raise UserError(f"no monitoring element fits {' or '.join(elements)}")
    return result


def load_found(
    paths: Sequence[str | Path],
    reader: str,
    datasets: Sequence[str],
    reporter: Reporter | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Load files into each of the datasets that they hold; ``how`` as in ``load_histos``.

    UserError where one is refused: nobody waits for the answer, and the job is what tells of it.
    """
    reporter = reporter or Reporter()
    whole: dict[str, Any] = {}
    for place, dataset in enumerate(datasets):
        share = Share(reporter, place / len(datasets), 1 / len(datasets), dataset)
        follow = share if len(datasets) > 1 else reporter
        result = load_histos(paths, reader, dataset, follow, **how)
        if result["refusals"]:
            raise UserError("; ".join(result["refusals"]))
        whole = {name: whole[name] + value for name, value in result.items()} if whole else result
    return whole
