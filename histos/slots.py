"""What this app adds to the pages of runs and lumisections."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from histos.looking.grids import grid_of
from runs.models import Lumisection, Run


def run_health(request: HttpRequest, *, run: Run) -> SafeString:
    """What is missing in a run: counted after the page is there, for a long run takes a moment."""
    return SafeString(render_to_string("histos/health_slot.html", {"run": run}, request))


def run_elements(request: HttpRequest, *, run: Run) -> SafeString:
    """The elements of a run with their trends."""
    return _rendered(request, run)


def lumisection_histograms(request: HttpRequest, *, lumisection: Lumisection) -> SafeString:
    """The histograms of a lumisection."""
    return _rendered(request, lumisection.run, lumisection)


def _rendered(request: HttpRequest, run: Run, lumisection: Lumisection | None = None) -> SafeString:
    grid = grid_of(run, lumisection)
    if grid is None:
        return SafeString("")
    return render_to_string("histos/grid_slot.html", {"grid": grid}, request)
