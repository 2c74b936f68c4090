"""Loading histograms as a job: for the command, the page and the API alike."""

from typing import Any

from django_tasks import task

from histos import services
from project.jobs.reporter import Reporter


@task
def load_histos(
    *, paths: list[str], reader: str, dataset: str, reporter: Reporter, **how: Any
) -> dict[str, Any]:
    """``how``: ``experiment``, ``reader_options``, ``policy``, ``dry_run``, ``shown``."""
    return services.load_histos(paths, reader, dataset, reporter, **how)
