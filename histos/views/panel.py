"""One lumisection's histogram against its reference: the part of the page that a click or an arrow swaps."""

from dataclasses import dataclass, field

import numpy as np
from django.urls import reverse

from histos import reference as against
from histos.elements_in import after, before, elements_of, evenly
from histos.figures import histogram_figure
from histos.figures.maps import PARTS
from histos.in_run import InRun, deviation_at, reduced, reference_of
from histos.marks import Marks
from histos.reference import Deviation
from histos.views.state import Opened
from project.figures import Figure
from project.readable import readable

LEAST = 1e-12
"""Smaller probabilities of an approximation mean nothing."""
CAPTIONS = {
    "counts": "this lumisection",
    "reference": "the reference, scaled to the same total",
    "pulls": "pulls: this lumisection against the reference",
}


@dataclass
class Panel:
    """What is shown of lumisection ``ls``: ``state`` is ``shown``, ``empty`` or ``no data``."""

    ls: int
    state: str
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
        return f"Histogram of lumisection {self.ls} over its reference, pulls below"


def panel_of(found: Opened, here: InRun, other: InRun | None, marks: list[Marks]) -> Panel:
    """Without ``ls`` in the address: the lumisection that differs most from its reference."""
    asked = found.asked.ls
    ls = _strangest(here, other) if asked is None else asked
    panel = Panel(ls, "no data", strangest=asked is None, listed=ls in here.listed)
    at = int(np.searchsorted(here.numbers, ls))
    panel.previous = int(here.numbers[at - 1]) if at else None
    later = here.numbers[here.numbers > ls]
    panel.next = int(later[0]) if len(later) else None
    panel.element_before, panel.element_after = _elements_beside(found, here, ls)
    row = here.row_of(ls)
    if row is not None:
        _fill(panel, found, here, other, row, marks)
    return panel


def _strangest(here: InRun, other: InRun | None) -> int:
    found = reduced(here, other)
    place = int(np.nanargmax(found)) if np.isfinite(found).any() else 0
    return int(here.read[place])


def _elements_beside(found: Opened, here: InRun, ls: int) -> list[str]:
    """The pages of the elements before and after this one by name, of the same run and dataset."""
    chosen = here.ids[here.listed == ls]
    elements = elements_of([*evenly(here.ids), *chosen.tolist()], here.dataset)
    state = found.asked.url(ls=ls, dataset=here.dataset.name)
    both = (before(elements, found.element).first(), after(elements, found.element).first())
    where = (found.run.experiment, found.run.number)
    return [reverse("element-in-run", args=[one.pk, *where]) + state if one else "" for one in both]


def _fill(
    panel: Panel, found: Opened, here: InRun, other: InRun | None, row: int, marks: list[Marks]
) -> None:
    entries = float(here.entries[here.rows[row]])
    panel.state = "shown" if np.nansum(np.abs(here.counts[row])) else "empty"
    panel.marked = tuple(cell for one in marks for cell in one.flagged.get(panel.ls, ()))
    deviating = deviation_at(here, row, other)
    panel.facts = [("entries", f"{entries:,.10g}", ""), *_facts(here, row, other, deviating)]
    if len(here.edges) == 1:
        panel.figure = histogram_figure(
            here, row, deviating, unit_area=found.asked.unit_area, log=found.asked.log, marked=panel.marked
        )
    elif len(here.edges) == 2:
        where = [found.element.pk, found.run.experiment, found.run.number]
        state = found.asked.url(ls=panel.ls)
        panel.outside = _outside(here, row)
        panel.maps = [
            (part, reverse("element-map", args=[*where, part]) + state, CAPTIONS[part]) for part in PARTS
        ]


def _outside(here: InRun, row: int) -> str:
    """Share of the entries of a map in flow bins; nothing where there are none, or where bins hold means."""
    whole = here.shaped(here.comparable[row])
    total, inside = whole.sum(), whole[1:-1, 1:-1].sum()
    return "" if here.means or total <= 0 or inside == total else f"{100 * (1 - inside / total):.2g} %"


def _facts(here: InRun, row: int, other: InRun | None, deviating: Deviation) -> list[tuple[str, str, str]]:
    """Numbers with what they mean."""
    facts = []
    if len(here.edges) == 1 and not here.means:
        (mean,), (error,) = against.moments(here.comparable[row : row + 1], here.edges[0])
        if np.isfinite(mean):
            facts.append(("mean", f"{mean:.4g} ± {error:.2g}", "of the axis' quantity, flow bins left out"))
    ratio, usual = float(deviating.reduced[0]), float(deviating.usual[0])
    if np.isfinite(ratio):
        facts.append((
            "χ²/ndf", f"{readable(float(deviating.chi2[0]), 4)} / {readable(usual, 4)} = {readable(ratio, 3)}",
            f"1 ± {np.sqrt(2 / usual):.2g} is usual {_usual_words(here)}",
        ))  # fmt: skip
    if len(here.edges) == 1 and not here.means:
        ks = against.kolmogorov(here.comparable[row], reference_of(here, row, other))
        if np.isfinite(ks.distance):
            facts.append((
                "KS distance", f"{ks.distance:.3g}, p {_probability(ks.probability)}",
                "largest gap between the cumulative shapes; chance alone gives as much with probability p, in bins a "
                "little too large",
            ))  # fmt: skip
    return facts


def _probability(value: float) -> str:
    return f"= {value:.2g}" if value > LEAST else f"< {LEAST:g}"


def _usual_words(here: InRun) -> str:
    if here.means:
        return "where it strays as the reference's histograms do from each other"
    counts = "where only counting statistics differ"
    return (
        counts
        if here.element.storage == here.element.Storage.COUNT
        else f"{counts}; weights are taken as entries"
    )
