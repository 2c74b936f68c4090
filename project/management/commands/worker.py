"""Runs queued jobs, for ever."""

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections

from project.jobs import services
from project.jobs.execute import Stopped

PAUSE = 0.5
RESTART_PAUSE = 1.0
LEAVE_WITHIN = 10.0
"""Seconds the working process has to hand its job back before it is killed."""


class Command(BaseCommand):
    help = (
        "Run queued jobs until stopped. A supervisor restarts the process that works when it dies, and what "
        "it was working on is taken up again. Example: manage.py worker"
    )

    # Pages and their addresses are no concern of a worker, which may have to start often.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--burst", action="store_true", help="leave when no job is queued")
        parser.add_argument("--child", action="store_true", help="work here, without a supervisor")

    def handle(self, *, burst: bool, child: bool, **options: Any) -> None:
        if child or burst:
            self.work(burst)
        else:
            self.supervise()

    def work(self, burst: bool) -> None:
        _on_stop(_stop_working)
        supervisor = os.getppid()
        while os.getppid() == supervisor:
            try:
                close_old_connections()
                services.take_over()
                job = services.claim()
            except (DatabaseError, InterfaceError) as error:
                # A database that is locked or restarting is no reason to die.
                self.stderr.write(f"database not ready: {error}")
                time.sleep(RESTART_PAUSE)
                continue
            if job is not None:
                self.stdout.write(f"job {job.pk}: {job.title}")
                services.work_on(job)
                self.stdout.write(f"job {job.pk}: {job.state} {job.error}".rstrip())
            elif burst:
                return
            else:
                time.sleep(PAUSE)

    def supervise(self) -> None:
        command = [sys.executable, sys.argv[0], "worker", "--child"]
        _on_stop(_stop_supervising)
        while True:
            child = subprocess.Popen(command)  # noqa: S603  our own command line
            try:
                code = child.wait()
            except SystemExit:
                _stop(child)
                raise
            self.stderr.write(f"the worker process ended with {code}; starting it again")
            time.sleep(RESTART_PAUSE)


def _on_stop(handler: Any) -> None:
    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)


def _stop_working(number: int, frame: Any) -> None:
    # A terminal sends its interrupt to supervisor and child: the second must not disturb the handing back.
    _on_stop(signal.SIG_IGN)
    raise Stopped(0)


def _stop_supervising(number: int, frame: Any) -> None:
    _on_stop(signal.SIG_IGN)
    raise SystemExit(0)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(LEAVE_WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
