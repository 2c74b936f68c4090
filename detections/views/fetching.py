"""The page that asks OMS or the Run Registry for runs, lumisections and certifications."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from detections.loading.fetch_bodies import FetchBody, OmsBody, RunRegistryBody
from detections.page_forms import Box, Form
from project.access import role_required
from project.fetching import service
from project.models import Job
from runs import tasks


@dataclass(frozen=True)
class Fetch:
    """``brings``: what comes from there, in words; ``own``: the boxes that only this service has."""

    task: Any
    body: type[FetchBody]
    brings: str
    own: Box
    command: str


SERVICES = {
    "oms": Fetch(
        tasks.fetch_oms, OmsBody, "fills, runs and their lumisections, with luminosity, pile-up and detector bits",
        Box("again", "Also the lumisections of runs that have not changed", "checkbox"), "fetch_oms",
    ),
    "runregistry": Fetch(
        tasks.fetch_runregistry, RunRegistryBody, "what was certified: status, cause and comment by detector",
        Box("datasets", "Datasets", "lines", "*", "One a line; * stands for anything: /PromptReco/*"),
        "fetch_runregistry",
    ),
}  # fmt: skip
BOXES = [
    Box("since", "Runs since", help="a date (UTC) such as 2024-06-01, 7d, or last: since the last run known here"),
    Box("first", "or from run", "number"),
    Box("last", "to run", "number"),
    Box("experiment", "Experiment", value="CMS"),
    Box("policy", "Where a file says something else", "select", "keep", choices=("keep", "replace"), required=True,
        help="keep: the difference is listed as a conflict"),
    Box("dry_run", "Only look", "checkbox", help="ask and check, store nothing"),
]  # fmt: skip


@require_http_methods(["GET", "POST"])
@role_required("expert")
def fetch(request: HttpRequest) -> HttpResponse:
    """``service`` in the address is one of ``SERVICES``."""
    key = request.GET.get("service", "")
    key = key if key in SERVICES else next(iter(SERVICES))
    chosen, asked = SERVICES[key], service(key)
    post = request.POST if request.method == "POST" else None
    form = Form([*BOXES[:3], chosen.own, *BOXES[3:]], post)
    if post is not None and (job := _started(request, form, chosen, key)):
        return redirect("job", job.pk)
    context = {
        "form": form, "key": key, "service": asked, "fetch": chosen,
        "services": [(one, service(one).name) for one in SERVICES],
    }  # fmt: skip
    return render(request, "detections/fetch.html", context, status=form.status)


def _started(request: HttpRequest, form: Form, chosen: Fetch, key: str) -> Job | None:
    asked = service(key)
    if asked.missing:
        form.refuse({"request": [f"{asked.name} cannot be asked before it is set who asks: {asked.missing}"]})
        return None
    fields = form.checked(chosen.body)
    if fields is None:
        return None
    which = f"since {fields['since']}" if fields["since"] else "runs {} to {}".format(*fields["runs"])
    return form.start(request, chosen.task, f"fetch from {asked.name} {which}", **fields)
