"""Fetching runs and certifications: answers are kept in files, which are loaded like any other file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from project.errors import UserError
from project.fetching import Client, service
from project.jobs.reporter import Reporter
from runs.fetches import oms, run_registry
from runs.fetches.answer_files import LoadAnswers, patient
from runs.fetches.oms_runs import fills_of, in_need, run_records
from runs.fetches.ranges import FetchRange, first_run_since, range_of
from runs.services import load_certifications, load_runs

RUNS_AT_ONCE = 50
"""Runs whose lumisections make one file: it is read line by line, and a broken fetch loses at most so many."""
SOURCE = "Run Registry"


def fetch_oms(
    reporter: Reporter | None = None,
    *,
    since: str = "",
    runs: Sequence[int] | None = None,
    experiment: str = "CMS",
    again: bool = False,
    folder: str = "",
    **how: Any,
) -> dict[str, Any]:
    """Fetch runs, their fills and lumisections from OMS. ``how``: ``policy``, ``dry_run``, ``shown`` of a load.

    ``since`` is a date, ``7d`` or ``last``; ``runs`` the first and the last number. The lumisections of a run that
    is over, and known just as OMS tells it now, are not asked for, unless ``again``: a run is stored after its
    lumisections. What OMS said before is replaced by what it says now. The answers stay in ``folder`` if it is named.
    """
    reporter = reporter or Reporter()
    wanted = range_of(since, runs, experiment)
    client = Client(service("oms"), patient(reporter))
    with _folder(folder) as place:
        load = partial(load_runs, experiment=experiment, service=client.service.url, **how)
        answers = LoadAnswers(place, load, "oms-json", reporter)
        pages = answers.keep(f"oms-runs-{wanted.label}", oms.pages(client, "runs", _filters(wanted)))
        records = list(run_records(pages))
        need = in_need(records, experiment, client.service.url, again)
        _load_lumisections(answers, client, need)
        _load_fills(answers, client, fills_of(records))
        answers.load(pages, 0.98)
    return {**answers.result, "runs": len(records), "asked": len(need)}


def _load_lumisections(answers: LoadAnswers, client: Client, runs: list[int]) -> None:
    for at in range(0, len(runs), RUNS_AT_ONCE):
        some = runs[at : at + RUNS_AT_ONCE]
        asked = (
            page for run in some for page in oms.pages(client, "lumisections", [("run_number", "EQ", run)])
        )
        told = answers.keep(f"oms-lumisections-{some[0]}-{some[-1]}", asked)
        answers.load(told, 0.9 * at / len(runs))


def _load_fills(answers: LoadAnswers, client: Client, fills: list[int]) -> None:
    if not fills:
        return
    first, last = fills[0], fills[-1]
    asked = oms.pages(client, "fills", [("fill_number", "GE", first), ("fill_number", "LE", last)])
    answers.load(answers.keep(f"oms-fills-{first}-{last}", asked), 0.95)


def _filters(wanted: FetchRange) -> list[oms.Filter]:
    if wanted.since:
        return [("start_time", "GE", f"{wanted.since:%Y-%m-%dT%H:%M:%SZ}")]
    return [("run_number", "GE", wanted.first), ("run_number", "LE", wanted.last)]


def fetch_runregistry(
    reporter: Reporter | None = None,
    *,
    since: str = "",
    runs: Sequence[int] | None = None,
    experiment: str = "CMS",
    datasets: Sequence[str] = ("*",),
    folder: str = "",
    **how: Any,
) -> dict[str, Any]:
    """Fetch from the Run Registry what was said of the lumisections of each dataset that a wildcard names.

    The flag is ``tracker-pixel`` and the like, the source ``Run Registry``, the version the dataset's name. What it
    said before of the same run, flag and dataset is replaced. ``since`` means the runs known here that began since.
    """
    reporter = reporter or Reporter()
    wanted = range_of(since, runs, experiment)
    first = first_run_since(wanted.since, experiment) if wanted.since else wanted.first
    client = Client(service("runregistry"), patient(reporter))
    last = run_registry.MOST_RUN if wanted.since else wanted.last
    with _folder(folder) as place:
        load = partial(
            load_certifications, experiment=experiment, source=SOURCE, service=client.service.url, **how
        )
        answers = LoadAnswers(place, load, "runregistry-json", reporter)
        found = list(run_registry.datasets(client, first, last, datasets))
        told = (run_registry.with_ranges(client, dataset) for dataset in found)
        path = answers.keep(f"runregistry-{wanted.label}", told, len(found))
        answers.load(path, 0.9)
    return {**answers.result, "datasets": len(found)}


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    if not name:
        with TemporaryDirectory(prefix="lumisift-") as made:
            yield Path(made)
        return
    path = Path(name)
    if not path.is_dir():
        raise UserError(f"{name} is no folder to keep the answers in")
    yield path
