"""How long work tells how far it is and hears that it should stop, the same behind each of its doors."""

import logging
import threading
import time
from typing import Any

from project.errors import Cancelled

logger = logging.getLogger(__name__)


class Reporter:
    """Silent: what a notebook uses. ``update`` raises Cancelled once ``stop`` is set."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.counts: dict[str, Any] = {}

    def update(self, fraction: float | None = None, stage: str = "", **counts: Any) -> None:
        """``fraction`` of the whole that is done (0 to 1), what is being done, and numbers worth showing."""
        self.counts |= counts
        self.show(fraction, stage)
        if self.stop.is_set():
            raise Cancelled

    def show(self, fraction: float | None, stage: str) -> None:
        """Silent here."""

    def log(self, line: str) -> None:
        """One line for people."""


class JobReporter(Reporter):
    """Writes to the Job row, at most twice a second; ``follow`` gets the same calls (a progress bar)."""

    EVERY = 0.5
    TAIL = 20_000

    def __init__(self, job_id: int, follow: Reporter | None = None) -> None:
        super().__init__()
        self.job_id = job_id
        self.follow = follow
        self._lines: list[str] = []
        self._written = 0.0
        self._fraction = 0.0
        self._stage = ""

    def show(self, fraction: float | None, stage: str) -> None:
        self._fraction = self._fraction if fraction is None else min(max(fraction, 0.0), 1.0)
        self._stage = stage or self._stage
        if self.follow:
            self.follow.counts = self.counts
            self.follow.show(fraction, stage)
        if time.monotonic() - self._written >= self.EVERY:
            self.write()

    def log(self, line: str) -> None:
        self._lines.append(line)
        if self.follow:
            self.follow.log(line)

    def write(self) -> None:
        """Write what is known and read whether to stop. A busy database costs a report, not the work."""
        from django.db import OperationalError, connection

        try:
            self._write()
        except OperationalError:
            if connection.in_atomic_block:
                raise
            logger.warning("progress of job %s not written", self.job_id, exc_info=True)
        self._written = time.monotonic()

    def _write(self) -> None:
        from project.jobs import holder
        from project.models import Job

        job = Job.objects.filter(pk=self.job_id, holder=holder.me(), state=Job.State.RUNNING)
        fields: dict[str, Any] = {"progress": self._fraction, "stage": self._stage[:200]}
        if self._lines:
            log = job.values_list("log", flat=True).first() or ""
            fields["log"] = (log + "".join(f"{line}\n" for line in self._lines))[-self.TAIL :]
        job.update(counts=self.counts, **fields)
        self._lines = []
        if job.filter(cancel_requested=True).exists():
            self.stop.set()


class Share(Reporter):
    """A step of longer work: fills the part of its progress from ``start`` on, ``size`` of the whole."""

    def __init__(self, whole: Reporter, start: float, size: float, title: str) -> None:
        super().__init__()
        self.whole, self.start, self.size, self.title = whole, start, size, title
        self.stop, self.counts = whole.stop, whole.counts

    @property
    def job_id(self) -> int | None:
        """The job that the whole belongs to."""
        return getattr(self.whole, "job_id", None)

    def show(self, fraction: float | None, stage: str) -> None:
        done = self.start + self.size * (fraction or 0.0)
        self.whole.update(done, f"{self.title}: {stage}" if stage else self.title, **self.counts)

    def log(self, line: str) -> None:
        self.whole.log(line)
