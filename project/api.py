"""The API root: one line per list, and the lists of the kernel's own tables."""

from typing import ClassVar

from django.http import Http404
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from detections import api as detections
from detections import registries_api as registries
from histos import api as histos
from lightcurves import api as lightcurves
from project.access import ExpertsWrite
from project.filters import INTEGER, MOMENT, RANGE, Filter, one_of
from project.jobs.services import cancel
from project.models import FileProblem, Job, SourceFile
from project.pagination import Page
from project.query import read
from project.resource import Resource, same
from runs import api as runs


class AlreadyEnded(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "This job has already ended."


class ProblemResource(Resource):
    """Rows of a file that were not stored, with line and reason."""

    model = FileProblem
    columns: ClassVar = same("id line kind reason")
    filters: ClassVar = {
        "line": Filter("line", INTEGER, RANGE),
        "kind": Filter("kind", one_of(*FileProblem.Kind.values)),
    }


class FileResource(Resource):
    """Files that were loaded, with how many of their rows are stored, known, in conflict and rejected."""

    model = SourceFile
    columns: ClassVar = same(
        "id name size sha256 reader options state position stored known conflicts rejected error "
        "created finished"
    )
    filters: ClassVar = {
        "name": Filter("name"),
        "sha256": Filter("sha256"),
        "reader": Filter("reader"),
        "state": Filter("state", one_of(*SourceFile.State.values)),
        "created": Filter("created", MOMENT, ("gte", "lte")),
    }
    default_ordering: ClassVar = "-id"
    described: ClassVar = {
        "problems": (
            {
                "type": "object",
                "properties": {"results": {"type": "array", "items": ProblemResource.item_schema()}},
            },
            "Rows of this file that were not stored, with line and reason; pages as in any list.",
        )
    }

    @action(detail=True)
    def problems(self, request: Request, id: str) -> Response:
        file = self.key(id)
        if not self.visible().filter(pk=file).exists():
            raise Http404
        rows = ProblemResource
        query = read(rows, request.query_params)
        page = Page(query, rows.orderings, rows.default_ordering).fetch(
            rows.visible().filter(file_id=file), [rows.columns[name] for name in query.fields]
        )
        results = [dict(zip(query.fields, row, strict=True)) for row in page.rows]
        return Response(
            {"next": self._link(page.next), "previous": self._link(page.previous), "results": results}
        )


class JobResource(Resource):
    """Long work: its state, progress, counts, and what became of it."""

    model = Job
    columns: ClassVar = {
        "owner": "owner__username",
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
    described: ClassVar = {
        "cancel": (
            {"$ref": "#/components/schemas/Job"},
            "Asks the job to stop; a queued one ends at once. Experts only.",
        )
    }

    @action(detail=True, methods=["post"], permission_classes=[ExpertsWrite])
    def cancel(self, request: Request, id: str) -> Response:
        job = self.visible().filter(pk=self.key(id)).first()
        if job is None:
            raise Http404
        if job.is_finished:
            raise AlreadyEnded
        cancel(job, by=request.user)
        return self.retrieve(request, id)


router = DefaultRouter()
router.include_format_suffixes = False
LISTS: dict[str, type[Resource]] = {
    "runs": runs.RunResource,
    "lumisections": runs.LumisectionResource,
    "certifications": runs.CertificationResource,
    "datasets": histos.DatasetResource,
    "monitoring-elements": histos.ElementResource,
    "lumisection-histograms": histos.LumisectionHistogramResource,
    "run-histograms": histos.RunHistogramResource,
    "light-curve-histograms": histos.LightCurveHistogramResource,
    "catalogs": lightcurves.CatalogResource,
    "sources": lightcurves.SourceResource,
    "light-curves": lightcurves.LightCurveResource,
    "detectors": registries.DetectorResource,
    "injections": registries.InjectionResource,
    "metrics": registries.MetricResource,
    "sample-sets": detections.SampleSetResource,
    "trials": detections.TrialResource,
    "detections": detections.DetectionResource,
    "comparisons": detections.ComparisonResource,
    "jobs": JobResource,
    "files": FileResource,
}
for name, resource in LISTS.items():
    router.register(name, resource, basename=name)
