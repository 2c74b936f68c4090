"""What this app adds to the pages of runs and lumisections."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from histos.elements_in import after, datasets_of, elements_of, lumisections_of
from histos.models import Dataset, MonitoringElement
from histos.of_run import Small, histograms, trends
from project.errors import UserError
from runs.models import Lumisection, Run

MOST = 24
"""Pictures on a page."""


@dataclass(frozen=True)
class Grid:
    """A page of small pictures; ``more`` is the address of the next one, empty at the end."""

    run: Run
    lumisection: Lumisection | None
    dataset: Dataset
    datasets: list[Dataset]
    pictures: list[Small]
    more: str

    @property
    def ls(self) -> int | None:
        return self.lumisection.number if self.lumisection else None


def grid_of(
    run: Run, lumisection: Lumisection | None = None, *, dataset: str = "", after_pk: int | None = None
) -> Grid | None:
    """The elements of a run by name, from the one after ``after_pk`` on; None where it holds no histograms.

    Raises UserError for a dataset or an element that is not there.
    """
    looked = [lumisection.pk] if lumisection else lumisections_of(run)
    datasets = datasets_of(looked)
    chosen = next((one for one in datasets if dataset in ("", one.name)), None)
    if chosen is None:
        if dataset:
            raise UserError(f"dataset: {dataset!r} holds no histogram here")
        return None
    elements = elements_of(looked, chosen)
    if after_pk is not None:
        last = MonitoringElement.objects.visible().filter(pk=after_pk).first()
        if last is None:
            raise UserError(f"after: there is no monitoring element {after_pk}")
        elements = after(elements, last)
    page = list(elements[: MOST + 1])
    here = page[:MOST]
    pictures = histograms(lumisection, chosen, here) if lumisection else trends(run, chosen, here)
    return Grid(run, lumisection, chosen, datasets, pictures, _more(run, lumisection, chosen, page))


def _more(run: Run, lumisection: Lumisection | None, dataset: Dataset, page: list[MonitoringElement]) -> str:
    if len(page) <= MOST:
        return ""
    asked: dict[str, str | int] = {"dataset": dataset.name, "after": page[MOST - 1].pk}
    if lumisection:
        asked["ls"] = lumisection.number
    return f"{reverse('run-elements', args=[run.experiment, run.number])}?{urlencode(asked)}"


def run_elements(request: HttpRequest, *, run: Run) -> SafeString:
    """The elements of a run with their trends."""
    return _rendered(request, grid_of(run))


def lumisection_histograms(request: HttpRequest, *, lumisection: Lumisection) -> SafeString:
    """The histograms of a lumisection."""
    return _rendered(request, grid_of(lumisection.run, lumisection))


def _rendered(request: HttpRequest, grid: Grid | None) -> SafeString:
    if grid is None:
        return SafeString("")
    return render_to_string("histos/grid_slot.html", {"grid": grid}, request)
