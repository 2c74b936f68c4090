"""Batches give the same answers in the same order wherever they are computed."""

import builtins
import threading
from typing import Any

import numpy as np
import pytest

from project import compute
from project.errors import UserError


def rows(n: int) -> list[np.ndarray]:
    return [np.arange(i, i + 3) for i in range(n)]


@pytest.mark.parametrize("cores", [1, 2])
def test_it_keeps_the_order(settings: Any, cores: int) -> None:
    settings.LUMISIFT_WORKERS = cores
    assert compute.run_batches(np.sum, rows(20)) == [3 * i + 3 for i in range(20)]
    assert compute.run_batches(np.sum, []) == []


def test_it_uses_as_many_threads_as_it_may(settings: Any) -> None:
    settings.LUMISIFT_WORKERS = 3
    together = threading.Barrier(3)
    assert len(compute.run_batches(lambda _: together.wait(timeout=10), range(3))) == 3


def test_it_uses_every_core_when_nothing_is_said(settings: Any) -> None:
    settings.LUMISIFT_WORKERS = 0
    assert compute.workers() >= 1


def test_it_raises_what_a_batch_raised() -> None:
    with pytest.raises(UserError, match="no such thing"):
        compute.run_batches(refuse, range(3))


def refuse(_: int) -> None:
    raise UserError("no such thing")


@pytest.mark.slow
# The cluster opens and closes its own loops and sockets.
@pytest.mark.filterwarnings("default")
def test_it_gives_the_same_on_a_cluster(settings: Any) -> None:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp"
    ) as cluster:
        settings.LUMISIFT_DASK_SCHEDULER = cluster.scheduler_address
        assert compute.run_batches(np.sum, rows(5)) == [3 * i + 3 for i in range(5)]
        with pytest.raises(UserError, match="no such thing"):
            compute.run_batches(refuse, range(1))


def test_it_says_which_package_a_cluster_needs(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LUMISIFT_DASK_SCHEDULER = "tcp://here:8786"
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "distributed":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError, match="requirements-cluster"):
        compute.run_batches(np.sum, rows(1))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense"])
def test_it_says_that_no_scheduler_answers(
    settings: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(compute, "CONNECT_WITHIN", "200ms")
    settings.LUMISIFT_DASK_SCHEDULER = address
    with pytest.raises(UserError, match="no scheduler answers"):
        compute.run_batches(np.sum, rows(1))
