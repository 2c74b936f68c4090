"""Certification files on the disk of who runs a command: read as operands, written with their provenance beside."""

import json
from pathlib import Path

from project.errors import UserError
from runs.golden.operands import LONGEST, Operand, operand, parsed_operand
from runs.models import LumiMask

LARGEST = 64 << 20
SUFFIXES = (".json", ".txt")
SIDECAR = ".provenance.json"
"""CMS' own tools take nothing in the file but runs and ranges."""


def operand_from(text: str, experiment: str) -> Operand:
    """The operand that ``text`` names: the path of a file, or as in ``operands``. UserError where it is none."""
    path = Path(text)
    if (
        len(text) <= LONGEST
        and "\0" not in text
        and (text.lower().endswith(SUFFIXES) or path.is_file())
        and not _is_spec(text)
    ):
        return parsed_operand(path.name, _content(path), "")
    return operand(text, experiment)


def _is_spec(text: str) -> bool:
    return "=" in text and not Path(text).is_file()


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise UserError(f"{path}: larger than {LARGEST >> 20} MB: is this a certification file?")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error


def write_mask(version: LumiMask, output: Path, *, replace: bool = False) -> Path:
    """Write the file, and its provenance beside it; ``output`` is its path, or a folder, where it gets CMS' own name.

    UserError where it cannot be written, or would take the place of a file that holds something else.
    """
    folder = output.is_dir() or not output.suffix
    path = output / version.file_name if folder else output
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not replace and path.exists() and path.read_text(errors="replace") != version.ranges:
            raise UserError(f"{path}: is there and holds something else: --replace writes over it")
        path.write_text(version.ranges)
        Path(f"{path.with_suffix('')}{SIDECAR}").write_text(
            json.dumps(sidecar(version), indent=2, ensure_ascii=False)
        )
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def sidecar(version: LumiMask) -> dict[str, object]:
    """What is known of where the content of the file is from."""
    names = (
        "experiment", "name", "kind", "sha256", "first_run", "last_run", "n_runs", "n_lumisections",
        "n_without_luminosity", "recorded_luminosity", "delivered_luminosity", "recorded_total", "faults", "provenance",
    )  # fmt: skip
    stored = {"id": version.pk, "version": version.version} if version.pk else {}
    return {**stored, **{name: getattr(version, name) for name in names}}
