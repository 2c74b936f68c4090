"""A trial whose worker is killed ends right all the same; a cancelled one ends as cancelled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from detections import services, tasks
from detections.models import SampleSet, Trial
from detections.querysets import scores_of
from project.jobs import services as jobs
from project.models import Job
from tests.conftest import clean_environment

SLOW = "tests.slow_detector.Slow"


@pytest.fixture
def worker(site_environment: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts workers on the test's database that know a slow detector; all are gone afterwards."""
    started: list[subprocess.Popen[bytes]] = []
    environment = clean_environment(
        **site_environment,
        LUMISIFT_EXTRA_DETECTORS=SLOW,
        LUMISIFT_LEASE_SECONDS="6",
        PYTHONPATH=str(settings.BASE_DIR),
    )

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "worker", "--child"]
        started.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return str(job.state)


def queue(sample_set: SampleSet) -> Job:
    return jobs.start(tasks.run_trials, sample_set=sample_set.name, detectors=[{"name": "slow"}])


@pytest.fixture
def slow_set(transactional_db: None, catalog_set: SampleSet) -> SampleSet:
    return catalog_set


@pytest.mark.slow
def test_a_killed_trial_is_taken_up_again(
    slow_set: SampleSet, worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    job = queue(slow_set)
    first = worker()
    until(lambda: state_of(job) == Job.State.RUNNING and job.progress > 0)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert not Trial.objects.exists()
    worker()
    until(lambda: state_of(job) in Job.FINISHED)
    assert (job.state, job.attempts) == (Job.State.SUCCEEDED, 2)
    trial = Trial.objects.get(detector="slow")
    clean, _ = services.run_trial(slow_set, "robust_z")
    np.testing.assert_array_equal(scores_of(trial), scores_of(clean))


@pytest.mark.slow
def test_a_cancelled_trial_ends_as_cancelled(
    slow_set: SampleSet, worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    job = queue(slow_set)
    worker()
    until(lambda: state_of(job) == Job.State.RUNNING and job.progress > 0)
    jobs.cancel(job)
    until(lambda: state_of(job) in Job.FINISHED)
    assert job.state == Job.State.CANCELLED
    assert not Trial.objects.exists()
