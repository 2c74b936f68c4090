"""Loading histograms as a job: for the command, the page and the API alike."""

from functools import partial
from typing import Any

from django_tasks import task

from histos import discovery, services
from histos.matrix import exporting
from project.jobs.reporter import Reporter
from project.jobs.services import start


@task
def load_histos(
    *, paths: list[str], reader: str, dataset: str, reporter: Reporter, **how: Any
) -> dict[str, Any]:
    """``how``: ``experiment``, ``elements``, ``reader_options``, ``policy``, ``dry_run``, ``shown``."""
    return services.load_histos(paths, reader, dataset, reporter, **how)


@task
def load_found(
    *, paths: list[str], reader: str, datasets: list[str], reporter: Reporter, **how: Any
) -> dict[str, Any]:
    """``how`` as in ``load_histos``. What is refused makes the job fail."""
    return services.load_found(paths, reader, datasets, reporter, **how)


@task
def discover_histos(
    *, directories: list[str], wanted: dict[str, Any], reporter: Reporter, **how: Any
) -> dict[str, Any]:
    """``wanted`` as in ``Wanted``, ``how`` as in ``load_histos``."""
    found = discovery.discover(
        directories, discovery.Wanted(**wanted), partial(start, load_found, **how), reporter
    )
    return {**found.counts, **discovery.counted(found.jobs), "jobs": found.jobs, "said": found.said}


@task
def export_histos(*, path: str, format_: str, reporter: Reporter, **how: Any) -> dict[str, Any]:
    """``how``: as in ``exporting.export_histos``."""
    return exporting.export_histos(path, format_, reporter=reporter, **how)
