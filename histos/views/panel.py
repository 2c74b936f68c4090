"""One lumisection's histogram against its reference: the part of the page that a click or an arrow swaps."""

from dataclasses import dataclass, field

import numpy as np
from django.urls import reverse

from histos.figures import histogram_figure
from histos.figures.maps import PARTS
from histos.looking.comparing import EXPOSURES, deviation_at, reduced, reference_of
from histos.looking.elements_in import after, before, elements_of, evenly, held_by
from histos.looking.in_run import InRun, middle
from histos.looking.merging import span_of
from histos.marks import Marks
from histos.views.compare import Reference
from histos.views.facts import facts_of
from histos.views.state import Opened
from project.figures import Figure

THIRD = {
    "pull": "pulls: {} against the reference",
    "ratio": "ratio: {} over the reference",
    "difference": "difference: {} less the reference",
}


@dataclass
class Panel:
    """What is shown of lumisection ``ls``: ``state`` is ``shown``, ``empty`` or ``no data``. ``first`` to ``last`` are
    taken together.
    """

    ls: int
    state: str
    first: int = 0
    last: int = 0
    strangest: bool = False
    listed: bool = True
    previous: int | None = None
    next: int | None = None
    element_before: str = ""
    element_after: str = ""
    figure: Figure | None = None
    maps: list[tuple[str, str, str]] = field(default_factory=list)
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    outside: str = ""
    marked: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        return f"Histogram of {self.title} over its reference"

    @property
    def title(self) -> str:
        several = f"lumisections {self.first} to {self.last} together"
        return several if self.last > self.first else f"lumisection {self.ls}"


def panel_of(found: Opened, here: InRun, other: Reference, marks: list[Marks]) -> Panel:
    """Without ``ls`` in the address: the lumisection that differs most from its reference."""
    asked = found.asked.ls
    ls = _strangest(found, here, other) if asked is None else int(middle(np.array([asked]), here.merge)[0])
    panel = Panel(ls, "no data", *span_of(ls, here.merge), strangest=asked is None, listed=ls in here.listed)
    at = int(np.searchsorted(here.numbers, ls))
    panel.previous = int(here.numbers[at - 1]) if at else None
    later = here.numbers[here.numbers > ls]
    panel.next = int(later[0]) if len(later) else None
    panel.element_before, panel.element_after = _elements_beside(found, here, ls)
    row = here.row_of(ls)
    if row is not None:
        _fill(panel, found, here, other, row, marks)
    return panel


def _strangest(found: Opened, here: InRun, other: Reference) -> int:
    away = reduced(here.compared, other.held, found.asked.norm)
    place = int(np.nanargmax(away)) if np.isfinite(away).any() else 0
    return int(here.read[place])


def _elements_beside(found: Opened, here: InRun, ls: int) -> list[str]:
    """The pages of the elements before and after this one by name, of the same run and dataset."""
    chosen = here.ids[here.listed == ls]
    elements = elements_of(held_by([*evenly(here.ids), *chosen.tolist()]), here.dataset)
    state = found.asked.url(ls=ls, dataset=here.dataset.name)
    beside = (before(elements, found.element), after(elements, found.element))
    both = [side.values_list("pk", flat=True).first() for side in beside]
    where = (found.run.experiment, found.run.number)
    return [reverse("element-in-run", args=[pk, *where]) + state if pk else "" for pk in both]


def _fill(panel: Panel, found: Opened, here: InRun, other: Reference, row: int, marks: list[Marks]) -> None:
    asked = found.asked
    panel.state = "shown" if np.nansum(np.abs(here.counts[row])) else "empty"
    lumisections = range(panel.first, panel.last + 1)
    panel.marked = tuple(cell for one in marks for ls in lumisections for cell in one.flagged.get(ls, ()))
    deviating = deviation_at(here.compared, row, other.held, asked.norm)
    reference = reference_of(here.compared, row, other.held, asked.norm)
    panel.facts = facts_of(here, row, deviating, reference, asked.norm)
    if len(here.edges) == 1:
        panel.figure = histogram_figure(here, row, deviating, reference, asked.look, panel.marked)
    elif len(here.edges) == 2:
        panel.outside = _outside(here, row)
        panel.maps = _maps(found, panel, here.means)


def _maps(found: Opened, panel: Panel, means: bool) -> list[tuple[str, str, str]]:
    where, state = [found.element.pk, found.run.experiment, found.run.number], found.asked.url(ls=panel.ls)
    below = "difference" if means and found.asked.below == "pull" else found.asked.below
    scaled = "exposure" if found.asked.norm in EXPOSURES and not means else "total"
    captions = (panel.title, f"the reference, scaled to the same {scaled}", THIRD[below].format(panel.title))
    return [
        (part, reverse("element-map", args=[*where, part]) + state, caption)
        for part, caption in zip(PARTS, captions, strict=True)
    ]


def _outside(here: InRun, row: int) -> str:
    """Share of the entries of a map in flow bins; nothing where there are none, or where bins hold means."""
    whole = here.shaped(here.comparable[row])
    total, inside = whole.sum(), whole[1:-1, 1:-1].sum()
    return "" if here.means or total <= 0 or inside == total else f"{100 * (1 - inside / total):.2g} %"
