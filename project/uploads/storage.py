"""Where a file waits for its load: a folder of its own with a random name, which nothing serves."""

import re
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from project.errors import UserError
from project.models import Job
from project.uploads.names import clean_name

REFERENCE = re.compile(r"[0-9a-f]{32}/[A-Za-z0-9+][A-Za-z0-9._+-]{0,119}", re.ASCII)
KEPT_SECONDS = 7 * 86_400
"""How long a file stays whose load failed, so that it can be run again."""


def keep(chunks: Iterable[bytes], name: str) -> str:
    """Write a file and return its reference, ``<random>/<name>``. UserError when it is larger than allowed."""
    _sweep()
    reference = f"{secrets.token_hex(16)}/{clean_name(name)}"
    path = settings.LUMISIFT_UPLOAD_DIR / reference
    settings.LUMISIFT_UPLOAD_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700)
    most, size = settings.LUMISIFT_MAX_UPLOAD_MB << 20, 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise UserError(f"{path.name}: larger than {settings.LUMISIFT_MAX_UPLOAD_MB} MB")
                file.write(chunk)
        if not size:
            raise UserError(f"{path.name}: the file is empty")
    except BaseException:
        remove(reference)
        raise
    return reference


def path_of(reference: str) -> Path:
    """The file of a reference. UserError when it is gone, or when the reference is none of ours."""
    if not REFERENCE.fullmatch(reference):
        raise UserError(f"{reference!r:.80} is no upload")
    path: Path = settings.LUMISIFT_UPLOAD_DIR / reference
    if not path.is_file():
        raise UserError(f"{path.name}: the uploaded file is no longer kept: upload it again")
    return path


def remove(reference: str) -> None:
    """Forget the file and its folder; it may be gone already."""
    if REFERENCE.fullmatch(reference):
        shutil.rmtree((settings.LUMISIFT_UPLOAD_DIR / reference).parent, ignore_errors=True)


def _sweep() -> None:
    """Remove what was left a week ago, unless a job still waits to load it."""
    if not settings.LUMISIFT_UPLOAD_DIR.is_dir():
        return
    for path in settings.LUMISIFT_UPLOAD_DIR.glob("*/*"):
        reference = f"{path.parent.name}/{path.name}"
        if time.time() - path.stat().st_mtime > KEPT_SECONDS and not _is_waited_for(reference):
            remove(reference)


def _is_waited_for(reference: str) -> bool:
    return Job.objects.exclude(state__in=Job.FINISHED).filter(kwargs__upload=reference).exists()
