"""Jobs over the API: what runs and what became of it; cancelling and running again."""

from pathlib import PurePath
from typing import Any, ClassVar

from django.urls import reverse
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from project.access import MembersAsk, may_cancel, may_rerun
from project.errors import UserError
from project.filters import MOMENT, Filter, one_of
from project.jobs.services import cancel, rerun
from project.models import Job
from project.query import Query
from project.resource import Resource, same
from project.writing import Conflict, Write, Writing, WritingSchema

SHOWN_BY_NAME = ("paths", "upload")


class JobResource(Writing, Resource):
    """Long work: its state, progress, counts, and what became of it."""

    model = Job
    columns: ClassVar = {
        "owner": "owner__username",
        "cancelled_by": "cancelled_by__username",
        "rerun_of": "rerun_of_id",
        **same(
            "id task title seed state progress stage counts result error attempts cancel_requested "
            "created started finished kwargs config_hash log"
        ),
    }
    single: ClassVar = ("kwargs", "config_hash", "log")
    filters: ClassVar = {
        "state": Filter("state", one_of(*Job.State.values)),
        "task": Filter("task"),
        "created": Filter("created", MOMENT, ("gte", "lte")),
        "finished": Filter("finished", MOMENT, ("gte", "lte")),
    }
    default_ordering: ClassVar = "-id"
    schema = WritingSchema()
    writes: ClassVar = {
        "cancel": Write(
            "Asks the job to stop; a queued one ends at once. Who started it may, and experts.",
            answers={"200": "the job, asked to stop", "409": "it has ended already"},
        ),
        "rerun": Write(
            "Queues the same work again as a new job. Experts only.",
            answers={"202": "the new job", "409": "it has not ended, or cannot be run again"},
        ),
    }

    def shape(self, row: dict[str, Any], query: Query) -> dict[str, Any]:
        if isinstance(row.get("kwargs"), dict):
            row["kwargs"] = {name: without_folders(name, value) for name, value in row["kwargs"].items()}
        return super().shape(row, query)

    @action(detail=True, methods=["post"], permission_classes=[MembersAsk])
    def cancel(self, request: Request, id: str) -> Response:
        job = self.existing(id)
        if not may_cancel(request.user, job):
            raise PermissionDenied("Only who started this job may cancel it, and experts.")
        if job.is_finished:
            raise Conflict("This job has already ended.")
        cancel(job, by=request.user)
        return self.retrieve(request, id)

    @action(detail=True, methods=["post"], permission_classes=[MembersAsk])
    def rerun(self, request: Request, id: str) -> Response:
        job = self.existing(id)
        if not may_rerun(request.user, job):
            raise PermissionDenied("Only experts may run a job again.")
        try:
            return accepted(rerun(job, owner=request.user))
        except UserError as error:
            raise Conflict(str(error)) from error


def without_folders(name: str, value: Any) -> Any:
    """Where a file lies on the server is nobody's business."""
    if name not in SHOWN_BY_NAME:
        return value
    return [PurePath(one).name for one in value] if isinstance(value, list) else PurePath(value).name


def accepted(job: Job) -> Response:
    """The answer to who started a job: 202, the job as it is now, and where to look for its end."""
    view = JobResource()
    names = JobResource.shown(one=True)
    paths = [JobResource.columns[name] for name in names]
    row = Job.objects.filter(pk=job.pk).values_list(*paths).get()
    shown = view.shape(dict(zip(names, row, strict=True)), Query(fields=names))
    where = reverse("jobs-detail", args=[job.pk])
    return Response(shown, status=status.HTTP_202_ACCEPTED, headers={"Location": where})
