"""Running one Job here and now, with a lease that is kept alive while it runs."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import F
from django.utils import timezone

from project.errors import Cancelled, UserError
from project.jobs import holder
from project.jobs.reporter import JobReporter, Reporter
from project.models import Job

logger = logging.getLogger(__name__)
State = Job.State
ENDING_TRIES = 10
"""How often the end of a job is written again while the database is locked; SQLite waits 30 s each time."""


class Stopped(SystemExit):
    """The process that works was asked to leave: the job goes back to the queue, its attempt not counted."""


def lease() -> dict[str, Any]:
    now = timezone.now()
    return {"heartbeat": now, "lease_until": now + timedelta(seconds=settings.LUMISIFT_LEASE_SECONDS)}


@contextmanager
def heartbeat(job_id: int, reporter: Reporter) -> Iterator[None]:
    """Renews the lease from a thread while the body works; sets ``reporter.stop`` if it should not go on."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(settings.LUMISIFT_LEASE_SECONDS / 6):
            try:
                _renew(job_id, reporter)
            except (DatabaseError, InterfaceError):
                # A busy database must not end the work; the lease outlasts several missed beats. A lost connection is
                # made anew at the next one.
                logger.warning("heartbeat of job %s missed", job_id, exc_info=True)
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, name=f"heartbeat-{job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(job_id: int, reporter: Reporter) -> None:
    job = Job.objects.filter(pk=job_id)
    job.filter(holder=holder.me(), state=State.RUNNING).update(**lease())
    # Lost to another worker while this machine slept: two must not do the same work.
    if job.exclude(holder=holder.me(), cancel_requested=False).exists():
        reporter.stop.set()


def execute(job: Job, work: Callable[[Reporter], Any], follow: Reporter | None = None) -> Any:
    """Run ``work`` as this job, which is running and ours; record how it ended and raise what it raised."""
    reporter = JobReporter(job.pk, follow)
    try:
        with heartbeat(job.pk, reporter):
            reporter.write()
            result = work(reporter)
        reporter.show(1.0, "done")
        if reporter.stop.is_set() or not _end(job, reporter, State.SUCCEEDED, result=result):
            raise Cancelled
    except Cancelled:
        _end(job, reporter, State.CANCELLED, "cancelled")
        raise
    except KeyboardInterrupt:
        _end(job, reporter, State.CANCELLED, "interrupted")
        raise
    except Stopped:
        _end(job, reporter, State.QUEUED, attempts=F("attempts") - 1, holder="", finished=None)
        raise
    except Exception as error:
        if not isinstance(error, UserError):
            reporter.log(traceback.format_exc())
        _end(job, reporter, State.FAILED, _one_line(error))
        raise
    return result


def _one_line(error: Exception) -> str:
    said = " ".join(str(error).split())
    return said if isinstance(error, UserError) else f"{type(error).__name__}: {said}".rstrip(": ")


def _end(job: Job, reporter: JobReporter, state: str, error: str = "", **fields: Any) -> bool:
    """Write how it ended; False when it may not end so: cancelled meanwhile, or no longer ours."""
    reporter.write()
    # Only who still holds the job may end it: a worker that lost its lease has been replaced.
    mine = Job.objects.filter(pk=job.pk, holder=holder.me(), state=State.RUNNING)
    if state == State.SUCCEEDED:
        mine = mine.filter(cancel_requested=False)
    end = {"state": state, "error": error[:500], "finished": timezone.now(), "lease_until": None, **fields}
    for pause in range(ENDING_TRIES):
        try:
            ended = bool(mine.update(**end))
            break
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or pause == ENDING_TRIES - 1:
                raise
            logger.warning("job %s has ended, the database is busy", job.pk, exc_info=True)
            connection.close()
            time.sleep(pause)
    job.refresh_from_db()
    return ended
