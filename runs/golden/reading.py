"""What the tables know of masks: lumisections and their luminosity, and what certifications say."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from django.db.models import QuerySet

from project.bulk import raw_rows
from runs.masks import LAST, Luminosities, Mask
from runs.models import Certification, Lumisection, Run
from runs.states import SIGNED_HERE, Span, overlaid

GOOD = ("GOOD",)
MOST_NAMED = 1000
"""Of more runs than these all between the first and the last are read."""


class Said(NamedTuple):
    """What certifications of one flag say: the mask of what is good, the runs they speak of, and who says so."""

    good: Mask
    runs: list[int]
    sources: list[tuple[str, str]]


def luminosities(
    experiment: str, runs: Sequence[int] = (), within: tuple[int, int] = (1, LAST)
) -> Luminosities:
    """Of all lumisections of ``runs``, or of the runs from one to another, both inclusive."""
    numbers = dict(_chosen(experiment, runs, within).values_list("id", "number"))
    rows = (
        Lumisection.objects.visible()
        .filter(run__in=_chosen(experiment, runs, within).values("id"))
        .order_by()
    )
    columns = ("run_id", "number", "recorded_luminosity", "delivered_luminosity")
    found = np.array(raw_rows(rows.values_list(*columns)), dtype=float).reshape(-1, 4)
    ids, at = np.unique(found[:, 0], return_inverse=True)
    found[:, 0] = np.array([numbers[one] for one in ids.astype(int).tolist()], dtype=float)[at]
    return Luminosities.of_rows(found)


def known(experiment: str, runs: Sequence[int]) -> Mask:
    """The lumisections of these runs that are there."""
    numbers = dict(_chosen(experiment, runs).values_list("id", "number")) if runs else {}
    spans = Lumisection.objects.spans(numbers)
    return Mask.of((numbers[run], *span) for run, found in spans.items() for span in found)


def experiments(most: int) -> list[str]:
    """Who took the runs that are there."""
    return list(Run.objects.order_by("experiment").values_list("experiment", flat=True).distinct()[:most])


def usual(there: Sequence[str]) -> str:
    """Whose runs a page begins with: those of CMS, unless only others took any."""
    return "CMS" if "CMS" in there or not there else there[0]


def usual_experiment() -> str:
    return usual(experiments(200))


def simulated(experiment: str, runs: Sequence[int]) -> bool:
    """Whether any of these runs is."""
    return bool(runs) and _chosen(experiment, runs).filter(simulated=True).exists()


def _chosen(experiment: str, runs: Sequence[int], within: tuple[int, int] = (1, LAST)) -> QuerySet[Run]:
    chosen = Run.objects.visible().filter(experiment=experiment).order_by()
    if 0 < len(runs) <= MOST_NAMED:
        return chosen.filter(number__in=runs)
    return chosen.filter(number__range=(min(runs), max(runs)) if runs else within)


def certified(
    experiment: str,
    flag: str,
    source: str | None = None,
    version: str | None = None,
    statuses: Sequence[str] = GOOD,
) -> Said:
    """What has one of ``statuses`` for ``flag``, of one source and version or of all. What nothing was said of is not
    in it. What was said last of a lumisection holds; what was signed here lies over all files.
    """
    given = {"source": source, "version": version}
    narrow = {name: value for name, value in given.items() if value is not None}
    rows = (
        Certification.objects.visible().filter(run__experiment=experiment, flag=flag, **narrow).order_by("id")
    )
    said = list(rows.values_list("run__number", "first", "last", "status", "source", "version"))
    said.sort(key=lambda row: row[4] == SIGNED_HERE)
    good = Mask.of(_good(said, statuses))
    return Said(good, sorted({row[0] for row in said}), sorted({(row[4], row[5]) for row in said}))


def _good(said: Iterable[tuple], statuses: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Run, first and last lumisection of what has one of ``statuses`` after all was said, the last on top."""
    layers: dict[int, list[Span]] = {}
    for run, first, last, status, *_ in said:
        layers.setdefault(run, []).append(Span(first, last or LAST, status))
    for run, spans in layers.items():
        yield from ((run, span.first, span.last) for span in overlaid(spans, LAST) if span.state in statuses)


def flag_sets(most: int) -> list[tuple[str, str, str]]:
    """Which (flag, source, version) certifications have, at most so many; answered by their index alone."""
    names = ("flag", "source", "version")
    return list(Certification.objects.order_by(*names).values_list(*names).distinct()[:most])
