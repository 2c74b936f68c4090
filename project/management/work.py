"""What every command of ours shares: a job row, a progress bar, ``--json``, one-line errors, exit codes."""

import json
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, ClassVar, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django_tasks.base import Task

from project.errors import Cancelled, UserError
from project.jobs.reporter import Reporter
from project.jobs.services import run_here, start
from project.models import Job


class LineReporter(Reporter):
    """Plain lines, at most one a stage: what a log file wants."""

    def __init__(self, write: Any) -> None:
        super().__init__()
        self._write = write
        self._stage = ""

    def show(self, fraction: float | None, stage: str) -> None:
        if stage and stage != self._stage:
            self._stage = stage
            self._write(stage)

    def log(self, line: str) -> None:
        self._write(line)


class BarReporter(LineReporter):
    """A progress bar with the stage and the counts."""

    def __enter__(self) -> "BarReporter":
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[counts]}"),
        )
        self._bar = Progress(*columns, TimeElapsedColumn(), transient=True)
        self._task = self._bar.add_task("", total=None, counts="")
        self._bar.start()
        self._write = self._bar.console.print
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def show(self, fraction: float | None, stage: str) -> None:
        counts = " ".join(
            f"{name} {value:,}" for name, value in self.counts.items() if isinstance(value, int)
        )
        kwargs: dict[str, Any] = {"counts": counts}
        if stage:
            kwargs["description"] = stage
        if fraction is not None:
            kwargs |= {"total": 1.0, "completed": fraction}
        self._bar.update(self._task, **kwargs)


class WorkCommand(BaseCommand):
    """A command that does long work through a task, so that page, API and notebook can do the same.

    A subclass gives ``example`` and ``handle``, which calls ``self.work(task, title=…, **kwargs)`` and then
    ``self.finish(result, ok)``.
    """

    example: ClassVar[str] = ""
    can_queue: ClassVar[bool] = False
    """Whether the worker may do it instead: it names no file that only this shell can find."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        parser = super().create_parser(prog_name, subcommand, epilog=f"example:\n  {self.example}", **kwargs)
        parser.add_argument(
            "--json", action="store_true", help="the last line of the output is one JSON object of counts"
        )
        if self.can_queue:
            parser.add_argument(
                "--queue", action="store_true", help="leave it to the worker, and do not wait"
            )
        return parser

    def execute(self, *args: Any, **options: Any) -> Any:
        self.as_json = options.pop("json", False)
        self.queued = options.pop("queue", False)
        self.began = time.monotonic()
        return super().execute(*args, **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command."""

    def work(self, task: Task, *, title: str, **kwargs: Any) -> Any:
        """Run ``task`` here, as a job; a user's error is one line and exit code 1. With ``--queue`` leave it and go."""
        try:
            if self.queued:
                self.leave(start(task, title=title, **kwargs))
            if sys.stderr.isatty() and not self.as_json:
                with BarReporter(self.stderr.write) as follow:
                    return run_here(task, title=title, follow=follow, **kwargs)[1]
            return run_here(task, title=title, follow=LineReporter(self.stderr.write), **kwargs)[1]
        except UserError as error:
            self.refuse(str(error))
        except (Cancelled, KeyboardInterrupt):
            self.refuse("cancelled", code=130)

    def leave(self, job: Job) -> NoReturn:
        self.stdout.write(
            json.dumps({"job": job.pk}) if self.as_json else f"job {job.pk} waits for the worker"
        )
        sys.exit(0)

    def refuse(self, message: str, code: int = 1) -> None:
        if self.as_json:
            self.stdout.write(json.dumps({"error": message, "seconds": self.seconds()}))
        raise CommandError(message, returncode=code)

    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 3)

    def told_apart(self, result: dict[str, Any], name: str) -> None:
        """Say so when what was asked for is there already under another name."""
        if result["name"] != name and not self.as_json:
            self.stdout.write(f"known already, as {result['name']}")

    def finish(self, result: dict[str, Any], ok: bool = True) -> None:
        """Print the counts; leave with 1 unless all that was asked was done."""
        counts = {**result, "seconds": self.seconds()}
        if self.as_json:
            self.stdout.write(json.dumps(counts, default=str))
        else:
            numbers = (
                f"{name} {value:,}" for name, value in counts.items() if isinstance(value, int | float)
            )
            self.stdout.write(", ".join(numbers))
        if not ok:
            sys.exit(1)
