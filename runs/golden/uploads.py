"""Certification files that people send, kept where uploads wait until they are made a version or forgotten."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from django.core.files.uploadedfile import UploadedFile

from project.errors import UserError
from project.uploads import storage
from project.uploads.names import HEAD, JSON, clean_name, type_of
from runs.golden.operands import Operand, parsed_operand, spec_of

LARGEST = 8 << 20
"""Bytes: a year's file has 60 kB."""


def keep_upload(file: UploadedFile[Any]) -> str:
    """Keep ``file`` and return the operand that it is. UserError where it is no certification file: nothing is kept."""
    name = clean_name(file.name or "")
    if (file.size or 0) > LARGEST:
        raise UserError(f"{name}: larger than {LARGEST >> 20} MB: is this a certification file?")
    content = file.read()
    if not content.strip():
        raise UserError(f"{name}: the file is empty")
    if (held := type_of(name, content[:HEAD], content[-8:])) != JSON:
        raise UserError(f"{name}: a certification file is JSON, not {held}")
    parsed_operand(name, content, "")
    return spec_of("upload", upload=storage.keep([content], name))


def forget_upload(spec: str) -> None:
    """Remove the file that an operand is, where it is one: a version keeps what it held."""
    storage.remove(dict(parse_qsl(spec)).get("upload", ""))


class Uploaded:
    """A file that was sent a moment ago: ``upload=<reference>``, which only who sent it knows."""

    name = "upload"
    more: tuple[str, ...] = ()

    def operand(self, spec: str, given: Mapping[str, str], experiment: str) -> Operand:
        path = storage.path_of(given["upload"])
        return parsed_operand(path.name, path.read_bytes(), spec)
