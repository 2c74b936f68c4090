"""The only writers of catalogues, sources and light curves."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lightcurves.catalog_store import CatalogStore
from lightcurves.ensure import ensure_catalog, ensure_survey
from lightcurves.light_curve_store import LightCurveStore
from lightcurves.surveys import Survey
from project.jobs.reporter import Reporter
from project.loading import Load, load_files

__all__ = ["CatalogStore", "LightCurveStore", "ensure_catalog", "ensure_survey", "load"]

NO_IDENTITY = ("memory",)  # options of a survey that change how a file is read, not what is read


def load(
    paths: Iterable[str | Path],
    survey: Survey,
    store: CatalogStore | LightCurveStore,
    reporter: Reporter | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Load files of a survey into a store; ``how`` and what comes back as in ``load_files``."""
    options = {name: value for name, value in asdict(survey).items() if name not in NO_IDENTITY}
    options |= {"into": store.options}

    def make_load(path: Path, policy: str) -> Load:
        return Load(path, survey.name, lambda: survey.read(path), store, options, policy)

    return load_files(paths, make_load, reporter, **how)
