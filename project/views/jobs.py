"""Pages of long work: what runs, what failed and why."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from project.access import may_cancel, may_rerun, reader_required, role_required
from project.errors import UserError
from project.jobs.services import cancel, rerun
from project.jobs_api import JobResource, without_folders
from project.listing import Listing
from project.models import Job

SHOWN = (
    "id",
    "title",
    "task",
    "state",
    "owner",
    "progress",
    "stage",
    "error",
    "created",
    "started",
    "finished",
)
FILTERS = {"state": "State", "created__gte": "Asked for since", "created__lte": "until"}
TAIL = 200
"""Lines of the log that a page shows."""


@require_safe
@reader_required
def jobs(request: HttpRequest) -> HttpResponse:
    listing = Listing(JobResource, request.GET, SHOWN, filters=FILTERS)
    for row in listing.rows:
        row["took"] = _took(row["started"], row["finished"])
    busy = any(row["state"] in ("queued", "running") for row in listing.rows)
    context = {"listing": listing, "busy": busy, "states": Job.State}
    return render(request, "jobs.html", context, status=listing.status)


@require_safe
@reader_required
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of long work; while it runs, the page asks again by itself."""
    found = get_object_or_404(Job.objects.select_related("owner", "cancelled_by"), pk=pk)
    lines = found.log.splitlines()
    context = {
        "job": found,
        "lines": lines[-TAIL:],
        "earlier": max(len(lines) - TAIL, 0),
        "took": _took(found.started, found.finished),
        "left": _left(found),
        "asked": {name: without_folders(name, value) for name, value in found.kwargs.items()},
        "may_cancel": not found.is_finished and may_cancel(request.user, found),
        "may_rerun": found.is_finished and may_rerun(request.user, found),
        "waits": found.state == Job.State.QUEUED and not _served(),
    }
    return render(request, "job.html", context)


@require_POST
@role_required("viewer")
def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Job, pk=pk)
    if not may_cancel(request.user, found):
        raise PermissionDenied("Only who started this job may cancel it, and experts.")
    if found.is_finished:
        messages.info(request, "It had already ended.")
    else:
        ended = cancel(found, by=request.user).is_finished
        messages.info(request, "Cancelled." if ended else "Asked to stop; it ends at its next step.")
    return redirect("job", pk)


@require_POST
@role_required("viewer")
def rerun_job(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Job, pk=pk)
    if not may_rerun(request.user, found):
        raise PermissionDenied("Only experts may run a job again.")
    try:
        again = rerun(found, owner=request.user)
    except UserError as error:
        messages.error(request, str(error))
        return redirect("job", pk)
    return redirect("job", again.pk)


def _took(started: Any, finished: Any) -> timedelta | None:
    """How long it ran, or has been running; None where it has not begun."""
    return None if started is None else (finished or timezone.now()) - started


def _left(job: Job) -> timedelta | None:
    """How long it will still take if it goes on as it did; None before that can be said."""
    took = _took(job.started, None)
    if job.state != Job.State.RUNNING or took is None or job.progress < 0.03:
        return None
    return took * (1 / job.progress - 1)


def _served() -> bool:
    """Whether a worker has been seen at work lately: its jobs have a fresh heartbeat."""
    lately = timezone.now() - timedelta(minutes=2)
    return Job.objects.filter(state=Job.State.RUNNING, foreground=False, heartbeat__gte=lately).exists()
