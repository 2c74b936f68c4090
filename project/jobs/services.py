"""The only writers of jobs: start, claim, cancel, rerun, and take over what a dead worker left."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks.base import Task

from project.errors import Cancelled, UserError
from project.jobs import holder
from project.jobs.backend import config_hash
from project.jobs.execute import State, execute, lease
from project.jobs.kept import checked
from project.jobs.reporter import Reporter
from project.models import Job

logger = logging.getLogger(__name__)


def start(
    task: Task, *, title: str = "", owner: Any = None, rerun_of: Job | None = None, **kwargs: Any
) -> Job:
    """Queue ``task`` for the worker and return its job."""
    with transaction.atomic():
        job = Job.objects.get(pk=task.enqueue(**checked(kwargs)).id)
        job.title, job.owner, job.rerun_of = title[:200] or job.title, owner, rerun_of
        job.save(update_fields=("title", "owner", "rerun_of"))
    return job


def run_here(
    task: Task, *, title: str = "", owner: Any = None, follow: Reporter | None = None, **kwargs: Any
) -> tuple[Job, Any]:
    """Run ``task`` in this process, as a job like any other: what commands and notebooks do."""
    job = Job.objects.create(
        task=task.module_path,
        title=title[:200] or task.name.replace("_", " "),
        kwargs=checked(kwargs),
        owner=owner,
        seed=kwargs.get("seed"),
        config_hash=config_hash(task.module_path, kwargs),
        foreground=True,
        state=State.RUNNING,
        attempts=1,
        holder=holder.me(),
        started=timezone.now(),
        **lease(),
    )
    return job, execute(job, _work(job), follow)


def _work(job: Job) -> Callable[[Reporter], Any]:
    def work(reporter: Reporter) -> Any:
        # Imported only here, so that a task which no longer exists fails as a job.
        return import_string(job.task).func(*job.args, reporter=reporter, **job.kwargs)

    return work


def claim() -> Job | None:
    """The next queued job, now running and ours; None when there is none."""
    while True:
        job = Job.objects.filter(state=State.QUEUED).order_by("-priority", "id").first()
        if job is None:
            return None
        if _take(job):
            return job


def _take(job: Job) -> bool:
    """Whether the queued job is now running and ours: nobody else was quicker."""
    mine = Job.objects.filter(pk=job.pk, state=State.QUEUED).update(
        state=State.RUNNING,
        holder=holder.me(),
        started=timezone.now(),
        finished=None,
        attempts=F("attempts") + 1,
        **lease(),
    )
    if mine:
        job.refresh_from_db()
    return bool(mine)


def work_here(job: Job, follow: Reporter | None = None) -> None:
    """Run a job in this process although it was left to the worker, unless that was quicker."""
    if _take(job):
        work_on(job, follow)


def work_on(job: Job, follow: Reporter | None = None) -> None:
    """Run a claimed job; how it ended is in its row."""
    try:
        execute(job, _work(job), follow)
    except (Cancelled, UserError):
        pass
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.task)


def take_over() -> int:
    """Queue again what a dead worker left running; returns how many jobs changed."""
    changed = 0
    for job in Job.objects.filter(state=State.RUNNING):
        if holder.is_alive(job.holder, job.lease_until):
            continue
        same = Job.objects.filter(
            pk=job.pk, state=State.RUNNING, holder=job.holder, lease_until=job.lease_until
        )
        changed += same.update(holder="", lease_until=None, **_fate(job))
    return changed


def _fate(job: Job) -> dict[str, Any]:
    """What becomes of a job whose process died."""
    if job.cancel_requested:
        return {"state": State.CANCELLED, "error": "cancelled", "finished": timezone.now()}
    if job.foreground:
        # Somebody ran it in a terminal or a notebook, and runs it again there if it is still wanted.
        return {"state": State.FAILED, "error": "its process died", "finished": timezone.now()}
    if job.attempts >= settings.LUMISIFT_MAX_ATTEMPTS:
        error = f"its worker died {job.attempts} times"
        return {"state": State.FAILED, "error": error, "finished": timezone.now()}
    return {"state": State.QUEUED, "stage": "waiting: its worker died"}


def cancel(job: Job, by: Any = None) -> Job:
    """A queued job ends now; a running one when it next reports, or when a worker finds its process dead."""
    asked = {"cancel_requested": True, "cancelled_by": by}
    queued = Job.objects.filter(pk=job.pk, state=State.QUEUED)
    if not queued.update(state=State.CANCELLED, error="cancelled", finished=timezone.now(), **asked):
        Job.objects.filter(pk=job.pk, state=State.RUNNING).update(**asked)
    job.refresh_from_db()
    return job


def rerun(job: Job, owner: Any = None) -> Job:
    """Queue the same work again; the old job stays as it ended."""
    if not job.is_finished:
        raise UserError(f"job {job.pk} has not ended yet: cancel it first")
    try:
        task = import_string(job.task)
    except ImportError as error:
        raise UserError(f"job {job.pk} cannot be run again: there is no task {job.task} any more") from error
    return start(task, title=job.title, owner=owner, rerun_of=job, **job.kwargs)
