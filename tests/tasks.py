"""Small tasks for the tests of jobs: what a worker does with them is what it does with real ones."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from django_tasks import task

from project.errors import UserError
from project.jobs.reporter import Reporter


@task
def add(*, reporter: Reporter, a: int, b: int, seed: int | None = None) -> dict[str, Any]:
    reporter.update(0.5, "adding", numbers=2)
    reporter.log(f"{a} + {b}")
    return {"sum": a + b, "seed": seed}


@task
def refuse(*, reporter: Reporter) -> None:
    raise UserError("the file is\nempty")


@task
def crash(*, reporter: Reporter) -> None:
    raise ZeroDivisionError("division\nby zero")


@task
def count(*, reporter: Reporter, marks: str, steps: int, pause: float = 0.1) -> dict[str, Any]:
    """Writes a line to ``marks`` for every step, with the process that did it."""
    for step in range(steps):
        with Path(marks).open("a") as file:
            file.write(f"{os.getpid()} {step}\n")
        reporter.update((step + 1) / steps, "counting", steps=step + 1)
        time.sleep(pause)
    return {"steps": steps}


@task
def deaf(*, reporter: Reporter, marks: str, seconds: float) -> dict[str, Any]:
    """Never reports, so that it cannot hear that it should stop."""
    Path(marks).write_text(f"{os.getpid()} 0\n")
    time.sleep(seconds)
    return {"done": True}


@task
def die(*, reporter: Reporter) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
