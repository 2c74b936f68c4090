"""The only writers of datasets, monitoring elements and histograms."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from histos.ensure import binning_of, ensure_dataset, ensure_element, ensure_elements
from histos.readers import READERS
from histos.stores import HistogramStore
from project.jobs.reporter import Reporter
from project.loading import Load, load_files, make_reader

__all__ = [
    "HistogramStore", "binning_of", "ensure_dataset", "ensure_element", "ensure_elements", "load_histos",
]  # fmt: skip


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
    """Load histograms into one dataset; ``how`` as in ``load_files``."""
    options = reader_options or {}
    read = make_reader(READERS, reader, options).read

    def make_load(path: Path, policy: str) -> Load:
        into = {"dataset": dataset, "experiment": experiment}
        return Load(
            path, reader, lambda: read(path), HistogramStore(dataset, experiment), into | options, policy
        )

    return load_files(paths, make_load, reporter, **how)
