"""Answers of a service on disk, one a line, and what became of loading them."""

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson

from project.errors import Cancelled
from project.jobs.reporter import Reporter, Share
from project.loading.files import COUNTS, SHOWN

Load = Callable[..., dict[str, Any]]
ASKING = 0.9
"""The part of the time that goes into asking, for the progress that is shown."""


class LoadAnswers:
    """Keeps answers in files of ``folder`` and loads them; ``result`` sums what became of them all."""

    def __init__(self, folder: Path, load: Load, reader: str, reporter: Reporter) -> None:
        self._folder = folder
        self._load = load
        self._reader = reader
        self._reporter = reporter
        self.result: dict[str, Any] = dict.fromkeys((*COUNTS, "files", "refused"), 0)
        self.result |= {"problems": [], "refusals": []}

    def keep(self, name: str, answers: Iterable[Any], count: int = 0) -> Path | None:
        """The file of these answers; None where there are none. A file of that name is replaced, all at once."""
        handle, part = tempfile.mkstemp(dir=self._folder, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                kept = 0
                for kept, answer in enumerate(answers, 1):
                    file.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
                    self._reporter.update(
                        ASKING * kept / count if count else None, f"asking: {name}, answer {kept}"
                    )
            if not kept:
                return None
            return Path(part).rename(self._folder / f"{name}.jsonl")
        finally:
            Path(part).unlink(missing_ok=True)

    def load(self, path: Path | None, done: float) -> None:
        """Load a file that was kept; ``done`` is how much of the whole fetch lies before it."""
        if path is None:
            return
        share = Share(self._reporter, done, 0.02, "storing")
        found = self._load([path], self._reader, share)
        for name in (*COUNTS, "files", "refused"):
            self.result[name] += found[name]
        self.result["refusals"] += found["refusals"]
        self.result["problems"] = (self.result["problems"] + found["problems"])[:SHOWN]


def patient(reporter: Reporter) -> Callable[[float], None]:
    """Sleeping between two questions, which ends at once, and raises, when somebody stops the work."""

    def pause(seconds: float) -> None:
        if reporter.stop.wait(seconds):
            raise Cancelled

    return pause
