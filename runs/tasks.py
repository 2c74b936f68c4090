"""Loading and fetching runs and certifications as a job: for the commands, the pages and the API alike."""

from typing import Any

from django_tasks import task

from project.jobs.reporter import Reporter
from runs import services
from runs.fetches import fetching as fetches


@task
def load_runs(*, paths: list[str], reader: str = "", reporter: Reporter, **how: Any) -> dict[str, Any]:
    """``how``: ``experiment``, ``reader_options``, ``policy``, ``dry_run``, ``shown``."""
    return services.load_runs(paths, reader, reporter, **how)


@task
def load_certifications(
    *, paths: list[str], reader: str = "", reporter: Reporter, **how: Any
) -> dict[str, Any]:
    """``how``: ``experiment``, ``flag``, ``version``, ``policy``, ``dry_run``, ``shown``."""
    return services.load_certifications(paths, reader, reporter, **how)


@task
def fetch_oms(*, reporter: Reporter, **how: Any) -> dict[str, Any]:
    """``how`` as in ``fetches.fetch_oms``."""
    return fetches.fetch_oms(reporter, **how)


@task
def fetch_runregistry(*, reporter: Reporter, **how: Any) -> dict[str, Any]:
    """``how`` as in ``fetches.fetch_runregistry``."""
    return fetches.fetch_runregistry(reporter, **how)
