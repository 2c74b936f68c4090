"""The only writers of runs, lumisections and certifications."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from project.jobs.reporter import Reporter
from project.loading import Load, load_files, make_reader
from runs.certification_store import CertificationStore
from runs.ensure import adopt, ensure_lumisections, ensure_runs
from runs.readers import READERS
from runs.run_store import RunStore

__all__ = [
    "CertificationStore", "RunStore", "adopt", "ensure_lumisections", "ensure_runs", "load_certifications", "load_runs",
]  # fmt: skip


def load_runs(
    paths: Sequence[str | Path],
    reader: str,
    reporter: Reporter | None = None,
    *,
    experiment: str = "CMS",
    reader_options: dict[str, Any] | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Load runs and lumisections; ``how`` as in ``load_files``."""
    options = reader_options or {}
    read = make_reader(READERS, reader, options).read

    def make_load(path: Path, policy: str) -> Load:
        store = RunStore(experiment)
        return Load(path, reader, lambda: read(path), store, {"experiment": experiment, **options}, policy)

    return load_files(paths, make_load, reporter, **how)


def load_certifications(
    paths: Sequence[str | Path],
    reader: str,
    reporter: Reporter | None = None,
    *,
    experiment: str = "CMS",
    flag: str = "",
    version: str = "",
    **how: Any,
) -> dict[str, Any]:
    """Load certifications, each file as a source of its own; ``how`` as in ``load_files``."""
    read = make_reader(READERS, reader).read

    def make_load(path: Path, policy: str) -> Load:
        store = CertificationStore(path.name, experiment, version=version, flag=flag)
        options = {"experiment": experiment, "source": path.name, "version": version, "flag": flag}
        return Load(path, reader, lambda: read(path), store, options, policy)

    return load_files(paths, make_load, reporter, **how)
