"""Several files, one after the other: a refused one does not stop the others."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from project.errors import UserError
from project.jobs.reporter import Reporter
from project.loading.check import check
from project.loading.load import Load
from project.loading.rows import LoadError
from project.models import SourceFile

SHOWN = 20
COUNTS = ("stored", "known", "conflicts", "rejected")


def load_files(
    paths: Iterable[str | Path],
    make_load: Callable[[Path, str], Load],
    reporter: Reporter | None = None,
    *,
    policy: str = "keep",
    dry_run: bool = False,
    shown: int = SHOWN,
) -> dict[str, Any]:
    """Load each file, or only check it, and return what became of all of them.

    ``make_load`` takes a file and the policy. ``problems`` holds the first ``shown`` rows that were not
    stored, ``refusals`` a line for each file of which nothing was; every problem of a loaded file is in its
    ``FileProblem`` rows.
    """
    reporter = reporter or Reporter()
    files = [Path(path) for path in paths]
    result: dict[str, Any] = dict.fromkeys((*COUNTS, "files", "refused"), 0) | {
        "problems": [],
        "refusals": [],
    }
    for number, path in enumerate(files):
        load = _made(make_load, path, policy)
        stage = f"{'checking' if dry_run else 'loading'} {path.name}"
        load.progress = _progress(reporter, stage, result, number, len(files))
        reporter.update(number / len(files), f"reading {path.name}")
        try:
            file, problems = _one(load, dry_run, max(shown - len(result["problems"]), 0))
        except LoadError as error:
            result["refused"] += 1
            result["refusals"].append(str(error))
            continue
        result["files"] += 1
        for name in COUNTS:
            result[name] += getattr(file, name)
        result["problems"] += problems
    return result


def _made(make_load: Callable[[Path, str], Load], path: Path, policy: str) -> Load:
    try:
        return make_load(path, policy)
    except ValueError as error:
        raise UserError(str(error)) from error


def _one(load: Load, dry_run: bool, shown: int) -> tuple[SourceFile, list[dict[str, Any]]]:
    if dry_run:
        file, found = check(load)
        first = sorted(found, key=lambda problem: problem.line)[:shown]
        return file, [{"file": file.name, **problem._asdict()} for problem in first]
    file = load.run()
    stored = file.problems.order_by("line").values("line", "kind", "reason")[:shown]
    return file, [{"file": file.name, **problem} for problem in stored]


def _progress(
    reporter: Reporter, stage: str, before: dict[str, Any], place: int, files: int
) -> Callable[[SourceFile], None]:
    """Reports the counts of the files before and of this one, the ``place``-th of ``files``."""
    before = dict(before)

    def progress(file: SourceFile) -> None:
        counts = {name: before[name] + getattr(file, name) for name in COUNTS}
        reporter.update((place + file.progress) / files, stage, **counts)

    return progress
