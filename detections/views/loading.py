"""Pages that bring data in: a file of one's own, or the demonstration."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from detections import tasks
from detections.loading.kinds import KINDS
from detections.loading.uploading import WrongUpload, start_upload
from detections.page_forms import Box, Form, body_of, boxes_of
from project.access import role_required
from project.bodies import checked
from project.jobs.services import start
from project.models import Job


@require_http_methods(["GET", "POST"])
@role_required("expert")
def load(request: HttpRequest) -> HttpResponse:
    """Upload a file and load it."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else next(iter(KINDS))
    form = Form(_boxes(kind), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        job = _uploaded(request, kind, form)
        if job is not None:
            return redirect("job", job.pk)
    context = {"form": form, "kind": kind, "kinds": list(KINDS), "kind_of_load": KINDS[kind]}
    return render(request, "detections/load.html", context, status=form.status)


def _boxes(kind: str) -> list[Box]:
    chosen = KINDS[kind]
    readers = tuple(chosen.readers())
    return [
        Box("file", "File", "file", required=True),
        Box("reader", "Reader", "select", readers[0], choices=readers, required=True),
        *boxes_of(chosen.body, prefix="options."),
    ]


def _uploaded(request: HttpRequest, kind: str, form: Form) -> Job | None:
    body = body_of(form.boxes, request.POST)
    options = body.get("options", {})
    file = request.FILES.get("file")
    try:
        if isinstance(options.get("reading"), list):
            options["reading"] = _pairs(options["reading"])
        given = checked(KINDS[kind].body, options)
        if file is None:
            raise WrongUpload("file", "Choose a file.")
        return start_upload(file, kind, body.get("reader", ""), given, owner=request.user)
    except ValidationError as error:
        detail: Any = error.detail
        form.refuse({f"options.{name}": why for name, why in detail.items()})
    except WrongUpload as error:
        form.refuse({error.field: [str(error)]})
    return None


def _pairs(lines: list[str]) -> dict[str, str]:
    """``name=value`` lines."""
    wrong = [line for line in lines if "=" not in line]
    if wrong:
        raise ValidationError({"reading": [f"{wrong[0]!r:.80} is not name=value"]})
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}


@require_POST
@role_required("expert")
def load_demo(request: HttpRequest) -> HttpResponse:
    """Fill the site with the demonstration; one at a time."""
    running = (
        Job.objects.filter(task=tasks.load_demo.module_path, finished__isnull=True).order_by("-id").first()
    )
    job = running or start(tasks.load_demo, title="load the demonstration", owner=request.user)
    return redirect("job", job.pk)
