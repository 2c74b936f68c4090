"""``manage.py worker`` as a site runs it: a supervisor and a working process, which die in every way."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from project.jobs import holder, services
from project.models import Job
from tests import tasks
from tests.conftest import ROOT, clean_environment

State = Job.State
Worker = Callable[..., "subprocess.Popen[bytes]"]
PATIENCE = 40.0


def until(happened: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if seen := happened():
            return seen
        time.sleep(0.05)
    return pytest.fail(f"waited {PATIENCE:.0f} s for {what}")


def ended(job: Job) -> Job:
    def has_ended() -> bool:
        job.refresh_from_db()
        return job.is_finished

    until(has_ended, "the job to end")
    return job


def pids(marks: Path) -> list[int]:
    """The processes that counted, in order."""
    lines = marks.read_text().splitlines() if marks.exists() else []
    return list(dict.fromkeys(int(line.split()[0]) for line in lines))


def is_gone(pid: int) -> bool:
    return holder._started(pid) == ""


@pytest.fixture
def worker(site_environment: dict[str, str]) -> Iterator[Worker]:
    """Starts workers on the database of this test, and ends them with it."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(ROOT / "manage.py"), "worker", *arguments]
        environment = {"LUMISIFT_LEASE_SECONDS": "3", **site_environment, **environment}
        started.append(subprocess.Popen(command, env=clean_environment(**environment), cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return tmp_path / "marks"


def test_a_job_whose_worker_was_killed_is_taken_up_again_and_ends_right(worker: Worker, marks: Path) -> None:
    job = services.start(tasks.count, marks=str(marks), steps=20)
    supervisor = worker()
    first = until(lambda: pids(marks), "the worker to begin")[0]
    assert first != supervisor.pid
    os.kill(first, signal.SIGKILL)
    ended(job)
    assert (job.state, job.attempts, job.result) == (State.SUCCEEDED, 2, {"steps": 20})
    second = pids(marks)[1]
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    until(lambda: is_gone(second), "the working process to leave")


def test_a_running_job_that_is_cancelled_stops(worker: Worker, marks: Path) -> None:
    job = services.start(tasks.count, marks=str(marks), steps=1000)
    worker("--burst")
    until(lambda: pids(marks), "the worker to begin")
    services.cancel(job)
    ended(job)
    assert job.state == State.CANCELLED
    assert job.counts["steps"] < 1000


def test_a_worker_that_is_stopped_hands_its_job_back(worker: Worker, marks: Path) -> None:
    job = services.start(tasks.count, marks=str(marks), steps=1000)
    supervisor = worker()
    child = until(lambda: pids(marks), "the worker to begin")[0]
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
    until(lambda: is_gone(child), "the working process to leave")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.holder) == (State.QUEUED, 0, "")


def test_no_process_works_on_without_its_supervisor(worker: Worker, marks: Path) -> None:
    job = services.start(tasks.count, marks=str(marks), steps=10)
    supervisor = worker()
    child = until(lambda: pids(marks), "the worker to begin")[0]
    supervisor.kill()
    until(lambda: is_gone(child), "the working process to leave")
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED


@pytest.mark.slow
def test_a_job_that_kills_every_worker_is_given_up(worker: Worker) -> None:
    job = services.start(tasks.die)
    worker(LUMISIFT_MAX_ATTEMPTS="2")
    ended(job)
    assert (job.state, job.error, job.attempts) == (State.FAILED, "its worker died 2 times", 2)


@pytest.mark.slow
def test_a_long_lock_does_not_disturb_the_work(worker: Worker, marks: Path) -> None:
    """8 s of a locked database end a worker of django-tasks-db; a lease of 3 s runs out meanwhile, too."""
    job = services.start(tasks.count, marks=str(marks), steps=20)
    process = worker("--burst")
    until(lambda: pids(marks), "the worker to begin")
    with locked():
        time.sleep(8.5)
    ended(job)
    assert (job.state, job.attempts) == (State.SUCCEEDED, 1)
    assert process.wait(20) == 0


class locked:
    """Nobody else can write a job while the body runs."""

    SQL = ("BEGIN IMMEDIATE",) if connection.vendor == "sqlite" else ("BEGIN", "LOCK TABLE project_job")

    def __enter__(self) -> None:
        self.held, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.hold)
        self.thread.start()
        assert self.held.wait(PATIENCE)

    def hold(self) -> None:
        with connection.cursor() as cursor:
            for statement in self.SQL:
                cursor.execute(statement)
            self.held.set()
            self.over.wait()
            cursor.execute("ROLLBACK")
        connection.close()

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()
