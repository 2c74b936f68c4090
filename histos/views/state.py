"""What the address of a page of histograms asks for; a wrong parameter is an error that names it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict

from histos.figures.norms import Look
from histos.looking.in_run import InRun, datasets_in, read_in_run
from histos.looking.merging import MOST as MOST_MERGED
from histos.looking.merging import merged
from histos.models import Dataset, MonitoringElement
from histos.moments import NAMES
from histos.views.compare import Reference, reference_for
from histos.views.parameters import one_of, run_of, whole
from project.asked import one
from project.errors import UserError
from runs.models import Run

OWN, GOLDEN, SIMILAR = "run", "golden", "similar"
"""References that are no run's number: the average of the run's other lumisections, the golden average, the run taken
under the likest conditions."""
NORMS = ("area", "raw", "luminosity", "pileup")
BELOW = ("pull", "ratio", "difference")


@dataclass(frozen=True)
class Asked:
    """How an element in a run is to be shown: ``reference`` is OWN, GOLDEN, SIMILAR or a run's number.

    ``norm`` is what counts are divided by, ``below`` what is drawn under a histogram, ``merge`` how many lumisections
    are one, ``trend`` the moment that is drawn over the run, or else ``bin`` (from 1; 0 and the one after the last are
    the flow bins), ``oms`` whether what OMS knows is beside it.
    """

    params: QueryDict
    dataset: str
    ls: int | None
    reference: str | int
    norm: str
    below: str
    merge: int
    trend: str
    bin: int | None
    oms: bool
    log: bool

    @property
    def look(self) -> Look:
        return Look(self.norm, self.below, self.log)

    def url(self, **changes: Any) -> str:
        """The address of this state with some parameters changed; None leaves one out."""
        return changed(self.params, **changes)


def changed(params: QueryDict, **changes: Any) -> str:
    """The query of an address with some parameters changed; None leaves one out."""
    kept = [(name, value) for name, values in params.lists() if name not in changes for value in values]
    return (
        f"?{urlencode(kept + [(name, str(value)) for name, value in changes.items() if value is not None])}"
    )


def asked_of(params: QueryDict) -> Asked:
    """Raises UserError where a parameter cannot be understood."""
    reference = params.get("reference") or OWN
    return Asked(
        params=params,
        dataset=params.get("dataset", ""),
        ls=whole(params, "ls"),
        reference=reference if reference in (OWN, GOLDEN, SIMILAR) else run_of(reference),
        norm=one_of(params, "norm", *NORMS),
        below=one_of(params, "below", *BELOW),
        merge=whole(params, "merge", MOST_MERGED) or 1,
        trend=one_of(params, "trend", *NAMES),
        bin=whole(params, "bin", least=0),
        oms=one_of(params, "oms", "1", "0") == "1",
        log=one_of(params, "log", "0", "1") == "1",
    )


def element_at(pk: int) -> MonitoringElement:
    def build() -> Any:
        return MonitoringElement.objects.visible().filter(pk=pk)

    found: MonitoringElement | None = (
        one("element at", (pk,), build, MonitoringElement) if pk < 2**63 else None
    )
    if found is None:
        raise Http404
    return found


def run_at(experiment: str, number: int) -> Run:
    def build() -> Any:
        return Run.objects.visible().of(experiment).filter(number=number)

    known = "\0" not in experiment and number < 2**31
    found: Run | None = one("run of", (experiment, number), build, Run) if known else None
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

    def read(self) -> tuple[InRun | None, Reference]:
        """Its histograms, None where there are none, and what they are compared with."""
        if self.dataset is None:
            return None, Reference()
        here = read_in_run(self.element, self.run, self.dataset, self.asked.ls, self.asked.merge)
        if not len(here.numbers):
            return None, Reference()
        return merged(here, self.asked.merge), reference_for(here, self.asked.reference)


def opened(request: HttpRequest, pk: int, experiment: str, number: int) -> Opened:
    """Raises Http404 for an unknown element or run, UserError for a wrong parameter."""
    element, run, asked = element_at(pk), run_at(experiment, number), asked_of(request.GET)
    datasets = datasets_in(element, run)
    named = [dataset for dataset in datasets if dataset.name == asked.dataset]
    if asked.dataset and not named:
        raise UserError(f"dataset: {asked.dataset!r} holds no histogram of this element in run {number}")
    return Opened(element, run, datasets, next(iter(named or datasets), None), asked)
