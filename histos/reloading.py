"""How a file of histograms is loaded once more."""

from typing import Any

from django_tasks.base import Task

from histos.readers import READERS
from histos.tasks import load_found
from project.models import SourceFile

STATED = ("experiment", "elements")


def way(file: SourceFile) -> tuple[Task, dict[str, Any]] | None:
    options = dict(file.options)
    if file.reader not in READERS or "dataset" not in options:
        return None
    arguments = {"reader": file.reader, "datasets": [options.pop("dataset")]}
    arguments |= {name: options.pop(name) for name in STATED if name in options}
    return load_found, {**arguments, "reader_options": options}
