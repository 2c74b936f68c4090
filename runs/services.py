"""The only writers of fills, runs, lumisections and certifications."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from project.jobs.reporter import Reporter
from project.loading import Load, load_files, make_reader
from project.records import ReaderError
from runs.certification_store import CertificationStore
from runs.ensure import adopt, ensure_lumisections, ensure_runs
from runs.fetches.answers import SERVICE
from runs.golden.store import store_mask
from runs.readers import READERS
from runs.readers.recognise import recognised
from runs.run_store import RunStore
from runs.signed import set_signed

__all__ = [
    "CertificationStore", "RunStore", "adopt", "ensure_lumisections", "ensure_runs", "load_certifications", "load_runs",
    "set_signed", "store_mask",
]  # fmt: skip
NO_READER = "none"


def load_runs(
    paths: Sequence[str | Path],
    reader: str = "",
    reporter: Reporter | None = None,
    *,
    experiment: str = "CMS",
    reader_options: dict[str, Any] | None = None,
    service: str = "",
    **how: Any,
) -> dict[str, Any]:
    """Load fills, runs and lumisections; ``how`` as in ``load_files``.

    Without ``reader`` each file goes to the one that knows it. ``service`` is the address whose answers the files are.
    """
    read_by = _reading(reader, reader_options or {})

    def make_load(path: Path, policy: str) -> Load:
        name, read = read_by(path)
        store = RunStore(experiment, service=service)
        said = {"experiment": experiment, **(reader_options or {}), **({SERVICE: service} if service else {})}
        return Load(path, name, lambda: read(path), store, said, policy)

    return load_files(paths, make_load, reporter, **how)


def load_certifications(
    paths: Sequence[str | Path],
    reader: str = "",
    reporter: Reporter | None = None,
    *,
    experiment: str = "CMS",
    service: str = "",
    **how: Any,
) -> dict[str, Any]:
    """Load certifications, each file as a source of its own, or all as ``source``; else as ``load_runs``.

    ``flag`` and ``version`` may be told too, where the reader gives none or another one.
    """
    told = {name: how.pop(name, "") for name in ("source", "version", "flag")}
    read_by = _reading(reader, {})

    def make_load(path: Path, policy: str) -> Load:
        name, read = read_by(path)
        said = {**told, "source": told["source"] or path.name}
        store = CertificationStore(experiment=experiment, service=service, **said)
        options = {"experiment": experiment, **said, **({SERVICE: service} if service else {})}
        return Load(path, name, lambda: read(path), store, options, policy)

    return load_files(paths, make_load, reporter, **how)


def _reading(reader: str, options: dict[str, Any]) -> Callable[[Path], tuple[str, Callable[[Path], Any]]]:
    """What gives a file's reader: the name of the one that is asked for, or that knows it, and how it reads."""
    if reader:
        told = make_reader(READERS, reader, options).read
        return lambda path: (reader, told)

    def by_file(path: Path) -> tuple[str, Callable[[Path], Any]]:
        try:
            name = recognised(path, READERS)
        except ReaderError as error:
            # Refused as a file, so that the others of the same command are loaded.
            return NO_READER, _refusing(error)
        return name, make_reader(READERS, name, options).read

    return by_file


def _refusing(error: ReaderError) -> Callable[[Path], Any]:
    def read(path: Path) -> Any:
        raise error

    return read
