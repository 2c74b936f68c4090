"""What the address of a page of histograms asks for; a wrong parameter is an error that names it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, QueryDict

from histos.in_run import InRun, datasets_in, read_in_run
from histos.models import Dataset, MonitoringElement
from project.errors import UserError
from project.filters import INTEGER, Kind, one_of
from runs.models import Run

OWN = "run"
"""The reference that is the average of the run's other lumisections."""
BIGGEST = 2**31 - 1


@dataclass(frozen=True)
class Asked:
    """How an element in a run is to be shown: ``reference`` is a run's number, None for this run's own average."""

    params: QueryDict
    dataset: str
    ls: int | None
    reference: int | None
    unit_area: bool
    log: bool

    def url(self, **changes: Any) -> str:
        """The address of this state with some parameters changed; None leaves one out."""
        params = self.params.copy()
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params[name] = str(value)
        return f"?{params.urlencode()}"


def asked_of(params: QueryDict) -> Asked:
    """Raises UserError where a parameter cannot be understood."""
    reference = params.get("reference") or OWN
    return Asked(
        params=params,
        dataset=params.get("dataset", ""),
        ls=whole(params, "ls"),
        reference=None if reference == OWN else _run_number(reference),
        unit_area=_one_of(params, "norm", "area", "raw") == "area",
        log=_one_of(params, "log", "0", "1") == "1",
    )


def whole(params: QueryDict, name: str) -> int | None:
    """A whole number from 1 on; None where it is not asked for."""
    text = params.get(name, "")
    value = _parsed(name, INTEGER, text) if text else None
    if value is not None and not 1 <= value <= BIGGEST:
        raise UserError(f"{name}: {text[:40]!r} is not a number from 1 to {BIGGEST}")
    return value


def _run_number(text: str) -> int:
    kind, _, number = text.partition(":")
    if kind != "run" or not number:
        raise UserError(f"reference: {text!r} is neither run nor run:<number>")
    return int(_parsed("reference", INTEGER, number))


def _one_of(params: QueryDict, name: str, *allowed: str) -> str:
    return str(_parsed(name, one_of(*allowed), params.get(name) or allowed[0]))


def _parsed(name: str, kind: Kind, text: str) -> Any:
    try:
        return kind.parse(text)
    except ValueError as error:
        raise UserError(f"{name}: {error}") from error


def element_at(pk: int) -> MonitoringElement:
    found = MonitoringElement.objects.visible().filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def run_at(experiment: str, number: int) -> Run:
    known = "\0" not in experiment and number < 2**63
    found = Run.objects.visible().of(experiment).filter(number=number).first() if known else None
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class Opened:
    """An element in a run as asked; ``dataset`` is None where the run holds none of its histograms."""

    element: MonitoringElement
    run: Run
    datasets: list[Dataset]
    dataset: Dataset | None
    asked: Asked

    def read(self) -> tuple[InRun | None, InRun | None]:
        """Its histograms, None where there are none; those of the reference run, None for its own average."""
        here = self._in(self.run)
        number = self.asked.reference
        if here is None or number is None or number == self.run.number:
            return here, None
        other = Run.objects.visible().of(self.run.experiment).filter(number=number).first()
        there = self._in(other) if other else None
        if there is None:
            raise UserError(
                f"reference: run {number} of {self.run.experiment} holds no histogram of this element in {here.dataset}"
            )
        return here, there

    def _in(self, run: Run) -> InRun | None:
        if self.dataset is None:
            return None
        found = read_in_run(self.element, run, self.dataset, self.asked.ls)
        return found if len(found.numbers) else None


def opened(request: HttpRequest, pk: int, experiment: str, number: int) -> Opened:
    """Raises Http404 for an unknown element or run, UserError for a wrong parameter."""
    element, run, asked = element_at(pk), run_at(experiment, number), asked_of(request.GET)
    datasets = datasets_in(element, run)
    named = [dataset for dataset in datasets if dataset.name == asked.dataset]
    if asked.dataset and not named:
        raise UserError(f"dataset: {asked.dataset!r} holds no histogram of this element in run {number}")
    return Opened(element, run, datasets, next(iter(named or datasets), None), asked)
