"""The figures of an element in a run, as the page's script reads them."""

from collections.abc import Callable

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from histos.figures import map_figure, run_figure
from histos.figures.beside import rows_beside
from histos.figures.map_marks import map_marks
from histos.figures.maps import PARTS
from histos.figures.trends import Wanted
from histos.looking.comparing import reduced
from histos.looking.in_run import InRun
from histos.marks import Marks, marks_on
from histos.views.asking import says_what_is_wrong
from histos.views.compare import Reference
from histos.views.state import Asked, Opened, opened
from project.access import reader_required
from project.figures import Figure
from runs.figure_rows import MOST, Row

COLUMNS = ("number", "start_time", "delivered_luminosity", "recorded_luminosity", "pileup", "flags")
Draw = Callable[[Opened, InRun, Reference, list[Marks]], Figure]


@require_safe
@reader_required
@says_what_is_wrong
def figure(request: HttpRequest, pk: int, experiment: str, number: int) -> HttpResponse:
    """The figure over the run."""

    def drawn(found: Opened, here: InRun, other: Reference, marks: list[Marks]) -> Figure:
        asked = found.asked
        away = reduced(here.compared, other.held, asked.norm)
        beside = _beside(found) if asked.oms else []
        return run_figure(here, away, wanted_of(asked), chosen=asked.ls, marks=marks, beside=beside)

    return _figure(request, pk, experiment, number, drawn)


def wanted_of(asked: Asked) -> Wanted:
    return Wanted(asked.trend, asked.bin, asked.norm, asked.log)


def _beside(found: Opened) -> list[Row]:
    rows = found.run.lumisections.visible().order_by("number").values_list(*COLUMNS)
    return rows_beside(list(rows[:MOST]))


@require_safe
@reader_required
@says_what_is_wrong
def maps(request: HttpRequest, pk: int, experiment: str, number: int, part: str) -> HttpResponse:
    """One map of a two-dimensional histogram: its counts, its reference, or what lies between them."""

    def drawn(found: Opened, here: InRun, other: Reference, marks: list[Marks]) -> Figure:
        asked = found.asked
        row = None if asked.ls is None else here.row_of(asked.ls)
        if part not in PARTS or row is None or len(here.edges) != 2:
            raise Http404
        drawing = map_figure(here, row, other.held, part, asked.look)
        cells = [cell for one in marks for cell in one.flagged.get(asked.ls or 0, ())]
        return {**drawing, "data": [*drawing["data"], *map_marks(here, cells)]}

    return _figure(request, pk, experiment, number, drawn)


def _figure(request: HttpRequest, pk: int, experiment: str, number: int, draw: Draw) -> HttpResponse:
    found = opened(request, pk, experiment, number)
    here, other = found.read()
    if here is None:
        raise Http404
    marks = marks_on(request, found.element, found.run, here.dataset)
    return HttpResponse(orjson.dumps(draw(found, here, other, marks)), content_type="application/json")
