"""Starting the load of an uploaded file: the one way in for the API and for pages."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile

from detections import tasks
from detections.loading.kinds import KINDS
from project.errors import UserError
from project.jobs.services import start
from project.models import Job
from project.uploads import storage
from project.uploads.names import HEAD, clean_name, type_of


class WrongUpload(UserError):
    """The upload cannot be taken; ``field`` is the one to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def start_upload(
    file: UploadedFile[Any], kind: str, reader: str, options: dict[str, Any], *, owner: Any
) -> Job:
    """Keep ``file`` and queue its load as ``kind`` (of ``KINDS``) by ``reader``; ``options`` are checked by its body.

    Everything that can be said without reading the file through is said now, as WrongUpload; nothing is kept then.
    """
    chosen = KINDS[kind]
    if reader not in chosen.readers():
        raise WrongUpload(
            "reader", f"no reader {reader!r:.80} of {kind}; there is {', '.join(chosen.readers())}"
        )
    try:
        arguments = chosen.arguments(reader, options)
    except UserError as error:
        raise WrongUpload("options", str(error)) from error
    name = clean_name(file.name or "")
    try:
        held = type_of(name, *_ends(file))
    except UserError as error:
        raise WrongUpload("file", str(error)) from error
    if held not in chosen.types:
        raise WrongUpload("file", f"{name}: {kind} come as {', '.join(chosen.types)}, not as {held}")
    return _kept_and_started(file, name, {"kind": kind, "arguments": arguments}, owner)


def _kept_and_started(file: UploadedFile[Any], name: str, kwargs: dict[str, Any], owner: Any) -> Job:
    try:
        reference = storage.keep(file.chunks(), name)
    except UserError as error:
        raise WrongUpload("file", str(error)) from error
    try:
        return start(tasks.load_upload, title=f"load {name}", owner=owner, upload=reference, **kwargs)
    except BaseException:
        storage.remove(reference)
        raise


def _ends(file: UploadedFile[Any]) -> tuple[bytes, bytes]:
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max((file.size or 0) - 8, 0))
    tail = file.read(8)
    file.seek(0)
    return head, tail
