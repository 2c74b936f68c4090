"""Spreading work over cores or a cluster: Dask, in batches, one door.

``LUMISIFT_DASK_SCHEDULER`` names a ``dask.distributed`` scheduler (``tcp://host:8786``); without it threads of
this process do the work (NumPy and scikit-learn release the interpreter lock), ``LUMISIFT_WORKERS`` of them.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from project.errors import UserError

CONNECT_WITHIN = "10s"


def workers() -> int:
    """How many batches run at once in this process."""
    return settings.LUMISIFT_WORKERS or os.cpu_count() or 1


def at_once() -> int:
    """How many fits to run side by side: as many as a cluster has hands for, on this machine one.

    NumPy, SciPy and the k-d tree spread one fit over the cores already; growing trees holds the interpreter. Measured
    on two cores, 44 fits of an isolation forest took as long side by side as one after the other, and each looked
    twice as dear as it is.
    """
    return 4 * workers() if settings.LUMISIFT_DASK_SCHEDULER else 1


def run_batches(function: Callable[[Any], Any], batches: Iterable[Any]) -> list[Any]:
    """``function`` of every batch, in order; the first error is raised.

    A function takes and gives arrays: it may run on another machine, where there is no database.
    """
    import dask

    tasks = [dask.delayed(function, pure=False)(batch) for batch in batches]
    if settings.LUMISIFT_DASK_SCHEDULER:
        return _on_cluster(settings.LUMISIFT_DASK_SCHEDULER, tasks)
    return list(dask.compute(*tasks, scheduler="threads", num_workers=workers()))


def _on_cluster(scheduler: str, tasks: list[Any]) -> list[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        message = "LUMISIFT_DASK_SCHEDULER is set: pip install --no-deps -r requirements-cluster.txt"
        raise UserError(message) from error
    try:
        client = Client(scheduler, set_as_default=False, timeout=CONNECT_WITHIN)
    except (OSError, ValueError) as error:
        raise UserError(f"LUMISIFT_DASK_SCHEDULER={scheduler}: no scheduler answers there") from error
    with client:
        return list(client.gather(client.compute(tasks)))
