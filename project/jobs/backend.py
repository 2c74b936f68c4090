"""The ``django.tasks`` backend whose store is the Job table: one truth about long work, not two."""

import hashlib
import json
from typing import Any

from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.utils import normalize_json


class JobBackend(BaseTaskBackend):
    """Enqueues a Job row; ``manage.py worker`` runs it. See ``docs/decisions/0003-jobs.md`` for why."""

    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:
        from project.models import Job

        self.validate_task(task)
        job = Job.objects.create(
            task=task.module_path,
            title=task.name.replace("_", " ")[:200],
            args=normalize_json(list(args)),
            kwargs=normalize_json(kwargs),
            seed=kwargs.get("seed"),
            config_hash=config_hash(task.module_path, kwargs),
            priority=task.priority,
        )
        return _result(job, task)

    def get_result(self, result_id: str) -> TaskResult:
        from project.models import Job

        job = Job.objects.filter(pk=result_id).first() if str(result_id).isdigit() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return _result(job, import_string(job.task))


def config_hash(task: str, kwargs: dict[str, Any]) -> str:
    """The same for the same task asked the same way."""
    return hashlib.sha256(json.dumps([task, kwargs], sort_keys=True, default=str).encode()).hexdigest()


def _status(job: Any) -> TaskResultStatus:
    return {
        "queued": TaskResultStatus.READY,
        "running": TaskResultStatus.RUNNING,
        "succeeded": TaskResultStatus.SUCCESSFUL,
    }.get(job.state, TaskResultStatus.FAILED)


def _errors(job: Any) -> list[TaskError]:
    if not job.error:
        return []
    return [TaskError(exception_class_path="project.errors.UserError", traceback=job.log or job.error)]


def _result(job: Any, task: Task) -> TaskResult:
    result: TaskResult = TaskResult(
        task=task,
        id=str(job.pk),
        status=_status(job),
        enqueued_at=job.created,
        started_at=job.started,
        finished_at=job.finished,
        last_attempted_at=job.started,
        args=job.args,
        kwargs=job.kwargs,
        backend="default",
        errors=_errors(job),
        worker_ids=[job.holder] * job.attempts,
    )
    # The dataclass is frozen and offers no argument for it.
    object.__setattr__(result, "_return_value", job.result)
    return result
