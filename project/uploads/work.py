"""Loading an uploaded file: looked at first, with a time limit, and removed once it is read."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from project.errors import UserError
from project.jobs.reporter import Reporter, Share
from project.loading import LoadError
from project.uploads import storage
from project.uploads.inspection import Limits, inspect
from project.uploads.names import HEAD, type_of


class Limited(Share):
    """Reports as the whole does, until the time is up: then the load is refused, with nothing half-stored."""

    def __init__(self, whole: Reporter, title: str) -> None:
        super().__init__(whole, 0.0, 1.0, title)
        self.until = time.monotonic() + settings.LUMISIFT_MAX_UPLOAD_SECONDS

    def show(self, fraction: float | None, stage: str) -> None:
        if time.monotonic() > self.until:
            raise LoadError(f"{self.title}: took longer than {settings.LUMISIFT_MAX_UPLOAD_SECONDS} s")
        super().show(fraction, stage)


def load_uploaded(
    reference: str,
    bounds: dict[str, Any],
    load: Callable[[list[str], Reporter], dict[str, Any]],
    reporter: Reporter,
) -> dict[str, Any]:
    """What ``load`` makes of the file; UserError when nothing of it was stored: then the file stays for a week.
    ``bounds``: of ``Limits``, what this kind of data may have.
    """
    path = storage.path_of(reference)
    limited = Limited(reporter, path.name)
    limits = Limits(unpacked=settings.LUMISIFT_MAX_UNPACKED_MB << 20, **bounds)
    inspect(
        path, type_of(path.name, *ends_of(path)), limits, lambda: limited.update(0.0, "looking through it")
    )
    result = load([str(path)], limited)
    if result["refusals"]:
        raise UserError("; ".join(result["refusals"]))
    storage.remove(reference)
    return result


def ends_of(path: Any) -> tuple[bytes, bytes]:
    """The first and the last bytes of a file."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(-min(path.stat().st_size, 8), 2)
        return head, file.read()
