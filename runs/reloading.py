"""How a file of runs or certifications is loaded once more."""

from typing import Any

from django_tasks.base import Task

from project.models import SourceFile
from runs.readers import READERS
from runs.tasks import load_certifications, load_runs


def way(file: SourceFile) -> tuple[Task, dict[str, Any]] | None:
    options = dict(file.options)
    if file.reader not in READERS or "experiment" not in options:
        return None
    stated = {name: options.pop(name) for name in ("experiment", "service") if name in options}
    if "flag" in options:
        return load_certifications, {"reader": file.reader, **stated, **options}
    return load_runs, {"reader": file.reader, **stated, "reader_options": options}
