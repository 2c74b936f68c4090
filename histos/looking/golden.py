"""The golden average of an element: what its histograms look like in certified lumisections of other runs."""

from collections import defaultdict
from functools import reduce
from operator import or_

import numpy as np
from django.db.models import Exists, OuterRef, Q

from histos.looking.comparing import Compared, usable
from histos.looking.elements_in import evenly
from histos.looking.in_run import MOST_CELLS, InRun, cells_of
from histos.looking.similar_runs import certified, holding
from histos.models import LumisectionHistogram
from project.bulk import raw_rows
from project.vectors import decode_matrix
from runs.models import Lumisection, Run

RUNS, ASKED = 8, 24
"""Certified runs, the nearest in number, that make the average; and of how many it is asked whether they hold the
element."""
MOST = 400
"""Lumisections that make the average, evenly spaced over the certified ones."""


def golden_average(here: InRun) -> tuple[Compared, list[int]] | None:
    """Certified histograms of other runs, with the numbers of these runs; None where there are none.

    Seven queries, of a few hundred histograms, however many are certified.
    """
    runs = _runs(here)
    lumisections = _lumisections(runs, min(MOST, max(MOST_CELLS // cells_of(here.element), 2)))
    histograms = (
        LumisectionHistogram.objects.visible()
        .order_by()
        .filter(element=here.element, dataset=here.dataset, lumisection_id__in=[*lumisections])
    )
    rows = raw_rows(histograms.values_list("lumisection_id", "entries", "counts"))
    if not rows:
        return None
    counts = decode_matrix([bytes(row[2]) for row in rows], cells_of(here.element))
    there = [lumisections[row[0]] for row in rows]
    exposure = {
        name: usable(name, np.array([one[place] for one in there], float))
        for place, name in ((1, "luminosity"), (2, "pileup"))
    }
    held = Compared.of(here.element, counts, np.array([row[1] for row in rows], float), exposure)
    return held, sorted({runs[one[0]] for one in there})


def _runs(here: InRun) -> dict[int, int]:
    """Numbers of the nearest certified runs that hold the element, by row id."""
    runs = (
        Run.objects.visible().of(here.run.experiment).filter(Exists(certified().filter(run=OuterRef("pk"))))
    )
    sides = (
        runs.filter(number__lt=here.run.number).order_by("-number"),
        runs.filter(number__gt=here.run.number).order_by("number"),
    )
    near = [pk for side in sides for pk in side.values_list("pk", flat=True)[:ASKED]]
    held = holding(Run.objects.filter(pk__in=near), here.element, here.dataset).values_list("pk", "number")
    nearest = sorted(held, key=lambda run: abs(run[1] - here.run.number))[:RUNS]
    return dict(nearest)


def _lumisections(runs: dict[int, int], most: int) -> dict[int, tuple[int, float | None, float | None]]:
    """By id the run, recorded luminosity and pile-up of certified lumisections, as many of each run."""
    numbers = _certified_numbers(runs)
    asked = [
        Q(run=run, number__in=evenly(np.array(sorted(found)), max(most // len(numbers), 1)))
        for run, found in numbers.items()
        if found
    ]
    if not asked:
        return {}
    rows = Lumisection.objects.visible().filter(reduce(or_, asked)).order_by()
    return {row[0]: row[1:] for row in rows.values_list("pk", "run", "recorded_luminosity", "pileup")}


def _certified_numbers(runs: dict[int, int]) -> dict[int, set[int]]:
    """A range that is open goes to the last lumisection of its run."""
    ends = {run: ranges[-1][1] for run, ranges in Lumisection.objects.spans(runs).items()}
    numbers: dict[int, set[int]] = defaultdict(set)
    for run, first, last in certified().filter(run__in=[*runs]).values_list("run", "first", "last"):
        numbers[run].update(range(first, min(last or ends.get(run, 0), ends.get(run, 0)) + 1))
    return numbers
