"""Looking through folders, file by file."""

import hashlib
import os
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction

from histos.discovery.found import Found
from histos.discovery.wanted import Wanted
from histos.found_files import FoundFile
from project.jobs.reporter import Reporter
from project.jobs.services import work_here
from project.loading.files import COUNTS
from project.models import Job, SourceFile

LOOKED_UP = 500
FAILED = (Job.State.FAILED, Job.State.CANCELLED)

Start = Callable[..., Job]
"""Queues the load of a file: ``paths``, ``reader`` and ``datasets`` as in ``load_found``."""


def discover(
    directories: Sequence[str | Path], wanted: Wanted, start: Start, reporter: Reporter | None = None
) -> Found:
    """Look through ``directories`` and have every new file loaded, each content once.

    Run again it looks only at what is new or has changed; two at once share the files between them.
    """
    reporter = reporter or Reporter()
    look = _Look(wanted, start, reporter)
    files = wanted.files(directories)
    while paths := list(islice(files, LOOKED_UP)):
        places = [place_of(path) for path in paths]
        there = FoundFile.objects.select_related("job").in_bulk(places, field_name="place")
        for path, place in zip(paths, places, strict=True):
            look.at(path, there.get(place))
            reporter.update(None, "looking through the folders", **look.found.counts)
    return look.found


def place_of(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()


class _Look:
    """One walk: what is wanted, and what was found so far."""

    def __init__(self, wanted: Wanted, start: Start, reporter: Reporter) -> None:
        self.wanted, self.start, self.reporter = wanted, start, reporter
        self.found = Found()

    def at(self, path: Path, row: FoundFile | None) -> None:
        try:
            stat = path.stat()
            if row and (row.size, row.modified) == (stat.st_size, stat.st_mtime_ns) and not row.problem:
                self._unchanged(path, row)
                return
            sha256 = _hashed(path) if self.wanted.is_whole(stat) else ""
            if not sha256 or path.stat().st_mtime_ns != stat.st_mtime_ns:
                self.found.add("writing", path, "is still being written")
                return
        except OSError as error:
            self.found.add("unread", path, f"cannot be read: {error.strerror or error}")
            return
        row = row or FoundFile(path=str(path), place=place_of(path))
        row.size, row.modified, row.sha256 = stat.st_size, stat.st_mtime_ns, sha256
        try:
            self._changed(path, row)
        except IntegrityError:
            # Another process found it, or a copy of it, in this moment, and has it loaded.
            self.found.add("unchanged")

    def _unchanged(self, path: Path, row: FoundFile) -> None:
        if row.copy_of_id or row.job is None or row.job.state not in FAILED:
            self.found.add("unchanged")
        elif self.wanted.retry and not self.wanted.dry_run:
            self._load(path, row)
        else:
            why = row.job.error or row.job.state
            self.found.add("failed", path, f"could not be loaded: {why}; --retry has it tried again")

    def _changed(self, path: Path, row: FoundFile) -> None:
        """A file that is new, or has another content than before."""
        row.reader, row.datasets, row.problem = self.wanted.recognise(path)
        row.job = None
        held = FoundFile.objects.filter(sha256=row.sha256, copy_of=None).exclude(place=row.place)
        row.copy_of = held.first()
        if row.copy_of is not None:
            row.problem = ""
            self._keep(row)
            self.found.add("copies", path, f"is a copy of {row.copy_of.path}")
        elif SourceFile.objects.filter(sha256=row.sha256, state=SourceFile.State.COMPLETE).exists():
            row.problem = ""
            self._keep(row)
            self.found.add("unchanged", path, "was loaded before")
        elif row.problem:
            self._keep(row)
            self.found.add("unread", path, row.problem)
        elif self.wanted.dry_run:
            self.found.add("queued", path, f"would be read by {row.reader} into {', '.join(row.datasets)}")
        else:
            self._load(path, row)

    def _keep(self, row: FoundFile) -> None:
        if not self.wanted.dry_run:
            with transaction.atomic():
                row.save()

    def _load(self, path: Path, row: FoundFile) -> None:
        """Row and job together or neither; then, where it is wanted now, the job itself."""
        with transaction.atomic():
            row.save()
            row.job = self.start(
                title=f"load {path.name}", paths=[row.path], reader=row.reader, datasets=row.datasets
            )
            row.save(update_fields=["job"])
        self.found.add("queued", path, f"read by {row.reader} into {', '.join(row.datasets)}")
        self.found.jobs.append(row.job.pk)
        if self.wanted.now:
            work_here(row.job, self.reporter)


def _hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def counted(jobs: Sequence[int]) -> dict[str, int]:
    """Rows that the loads which have ended brought, added up, and how many of these loads were refused."""
    ended = list(Job.objects.filter(pk__in=jobs).values_list("state", "result"))
    rows = {name: sum((result or {}).get(name, 0) for _, result in ended) for name in COUNTS}
    return {**rows, "refused": sum(state in FAILED for state, _ in ended)}
