"""Uploading a data file over the API: kept out of reach, loaded by a job, then removed."""

from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from detections.loading.kinds import KINDS
from detections.loading.uploading import start_upload
from project import files_api
from project.access import ExpertsWrite
from project.bodies import Body, Choice, Name, Plain, Upload, checked
from project.errors import UserError
from project.jobs_api import accepted
from project.parsers import BoundedMultiPartParser
from project.writing import FORM, Write, Writing, WritingSchema

KIND_ABOUT = "; ".join(f"{name}: {', '.join(one.body().fields)}" for name, one in KINDS.items())


class FileBody(Body):
    """A file of at most ``LUMISIFT_MAX_UPLOAD_MB``: csv, csv.gz, json or parquet."""

    file = Upload(max_length=255)
    kind = Choice(tuple(KINDS))
    reader = Name(
        max_length=64, help_text="name of the reader; of a catalogue or light curves, of the survey"
    )
    options = Plain(help_text=f"options by kind. {KIND_ABOUT}")


class FileResource(Writing, files_api.FileResource):
    """Files that were loaded, with how many of their rows are stored, known, in conflict and rejected."""

    permission_classes = (ExpertsWrite,)
    parser_classes = (BoundedMultiPartParser,)
    schema = WritingSchema()
    writes: ClassVar = {
        "create": Write(
            "Uploads a data file and queues its load. The file is removed once it is loaded; its row here stays.",
            {FORM: (FileBody,)},
            {"202": "queued: the job that loads it"},
        )
    }

    def create(self, request: Request) -> Response:
        fields = checked(FileBody, request.data)
        file: UploadedFile[Any] = fields["file"]
        options = checked_options(fields["kind"], fields["options"])
        try:
            job = start_upload(file, fields["kind"], fields["reader"], options, owner=request.user)
        except UserError as error:
            raise ValidationError({getattr(error, "field", "file"): [str(error)]}) from error
        return accepted(job)


def checked_options(kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options of this kind; wrong ones are named ``options.…``."""
    try:
        return checked(KINDS[kind].body, options)
    except ValidationError as error:
        detail: Any = error.detail
        raise ValidationError({f"options.{name}": why for name, why in detail.items()}) from error
