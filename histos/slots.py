"""What this app adds to the pages of runs and lumisections."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from histos.looking.elements_in import held_in
from histos.looking.grids import grid_of
from runs.models import Lumisection, Run


def run_health(request: HttpRequest, *, run: Run) -> SafeString:
    """What is missing in a run: counted once a person comes to it, for a long run takes a moment."""
    return SafeString(render_to_string("histos/health_slot.html", {"run": run}, request))


def run_elements(request: HttpRequest, *, run: Run) -> SafeString:
    """The elements of a run with their trends: drawn once a person comes to them, far down the page."""
    if not held_in(run):
        return SafeString("")
    return SafeString(render_to_string("histos/grid_waiting.html", {"run": run}, request))


def lumisection_histograms(request: HttpRequest, *, lumisection: Lumisection) -> SafeString:
    """The histograms of a lumisection."""
    grid = grid_of(lumisection.run, lumisection)
    if grid is None:
        return SafeString("")
    return SafeString(render_to_string("histos/grid_slot.html", {"grid": grid}, request))
