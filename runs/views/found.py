"""The run and the lumisection that an address names, and the range of lumisections that it shows."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404

from project.asked import by_key, one
from project.filters import INTEGER
from project.models import SourceFile
from runs.lanes import Judged, Listed, judge
from runs.models import Certification, Lumisection, Run
from runs.scores import RunKey
from runs.states import OF_STATUS

BIGGEST = 2**31 - 1
MOST_CERTIFICATIONS = 200
Window = tuple[int | None, int | None]


def run_at(experiment: str, number: int) -> Run:
    """Raises Http404 where there is none, or none that is loaded completely."""
    if "\0" in experiment or number > BIGGEST:
        raise Http404

    def build() -> Any:
        return Run.objects.visible().filter(experiment=experiment, number=number)

    found = one("run at", (experiment, number), build, Run)
    if found is None:
        raise Http404
    return _with_file(found)


def lumisection_at(run: Run, number: int) -> Lumisection:
    def build() -> Any:
        return Lumisection.objects.visible().filter(run=run).filter(number=number)

    found = one("lumisection at", (run.pk, number), build, Lumisection) if number <= BIGGEST else None
    if found is None:
        raise Http404
    found.run = run
    return _with_file(found)


def _with_file(found: Any) -> Any:
    found.file = by_key(SourceFile, found.file_id) if found.file_id else None
    return found


def judged_run(run: Run, params: Mapping[str, str]) -> Judged:
    return judge([Listed(run.pk, RunKey(run.experiment, run.number), run.simulated)], params)


def window_of(params: Mapping[str, str]) -> tuple[Window, dict[str, str]]:
    """``first`` and ``last`` lumisection as asked, None where not; and what is wrong with them."""
    values: dict[str, Any] = {"first": None, "last": None}
    errors = {}
    for name in values:
        text = params.get(name, "").strip()
        try:
            values[name] = INTEGER.parse(text) if text else None
            if text and not 1 <= values[name] <= BIGGEST:
                raise ValueError(f"{text!r} is no lumisection: they count from 1")
        except ValueError as error:
            values[name], errors[name] = None, str(error)
    first, last = values["first"], values["last"]
    if first and last and last < first:
        errors["last"] = f"{last} is before the first, {first}"
        first = last = None
    return (first, last), errors


def with_states(said: Iterable[Certification]) -> list[dict[str, Any]]:
    """Certifications with the state that each status means."""
    return [{"said": one, "state": OF_STATUS[one.status]} for one in said]
