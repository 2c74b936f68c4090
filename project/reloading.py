"""Loading a file once more, as it was loaded: every app adds how its files are read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django_tasks.base import Task

from project.errors import UserError
from project.jobs.holder import is_alive
from project.jobs.services import start
from project.models import Job, SourceFile

Way = Callable[[SourceFile], tuple[Task, dict[str, Any]] | None]
"""The task that loads such a file and its arguments, but for ``paths`` and ``policy``; None for another app's file."""
WAYS: list[Way] = []
POLICIES = ("keep", "replace")


def reloads(way: Way) -> None:
    """Add a way, once."""
    if way not in WAYS:
        WAYS.append(way)


def is_being_loaded(file: SourceFile) -> bool:
    """Whether a living process loads it; what a dead one left, the next load goes on with."""
    return file.state == SourceFile.State.LOADING and is_alive(file.holder, file.lease_until)


def hindrance(file: SourceFile) -> str:
    """Why the file cannot be loaded again; empty where it can."""
    if is_being_loaded(file):
        return "it is being loaded"
    if _way(file) is None:
        return "it is not known how it was read"
    if not file.path or not Path(file.path).is_file():
        return "it is no longer where it was"
    return ""


def load_again(file: SourceFile, owner: Any, policy: str = "keep") -> Job:
    """Queue the load; ``policy`` says what becomes of rows in conflict. UserError where it cannot be done."""
    if policy not in POLICIES:
        raise UserError(f"{policy!r} is none of {', '.join(POLICIES)}")
    way = _way(file)
    if (why := hindrance(file)) or way is None:
        raise UserError(f"{file.name} cannot be loaded again: {why}")
    task, arguments = way
    return start(
        task, title=f"load {file.name} again", owner=owner, paths=[file.path], policy=policy, **arguments
    )


def _way(file: SourceFile) -> tuple[Task, dict[str, Any]] | None:
    return next((found for way in WAYS if (found := way(file))), None)
