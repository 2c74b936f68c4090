"""One element over many runs: a moment or a bin of each, and under which conditions it was taken."""

from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from histos.looking.run_conditions import conditions_of
from histos.looking.run_shapes import of_lumisections, of_runs, shapes_of, values_of
from histos.looking.similar_runs import holding
from histos.models import Dataset, LumisectionHistogram, MonitoringElement, RunHistogram, RunMoments
from runs.models import Run

MOST, ASKED = 60, 120
"""Runs of a page, and of how many it is asked whether they hold the element."""


@dataclass(frozen=True)
class OverRuns:
    """``runs`` in order of their number; ``entries``, ``values`` and ``errors`` (n,) of each, NaN where not known.

    ``shapes`` (n, cells) are the histograms behind them, flow bins included, as fractions; empty where there are only
    moments. ``source`` says where they are from; ``pileup`` and ``luminosity`` (pb⁻¹) (n,) and ``bits``, by name the
    share of the lumisections looked at in which it was on, (n,), tell the conditions.
    """

    runs: list[Run]
    source: str
    entries: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    shapes: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    pileup: np.ndarray = field(default_factory=lambda: np.empty(0))
    luminosity: np.ndarray = field(default_factory=lambda: np.empty(0))
    bits: dict[str, np.ndarray] = field(default_factory=dict)


def runs_with(
    element: MonitoringElement, dataset: Dataset, runs: QuerySet, source: str, before: int | None
) -> tuple[list[Run], int | None]:
    """The highest run numbers below ``before`` that hold the element, in order, and where the page before ends."""
    rows, asked = _asked(runs, before)
    if source == "lumisections":
        asked = holding(asked, element, dataset)
    else:
        asked = asked.filter(pk__in=_held(element, dataset)[source].values("run"))
    return _page(rows, asked)


def runs_with_moments(
    name: str, dataset: Dataset, runs: QuerySet, before: int | None
) -> tuple[list[Run], int | None]:
    """The same of an element of which only moments are known."""
    rows, asked = _asked(runs, before)
    return _page(rows, asked.filter(pk__in=moments_of(name, dataset).values("run")))


def _asked(runs: QuerySet, before: int | None) -> tuple[list[tuple[int, int]], QuerySet]:
    if before is not None:
        runs = runs.filter(number__lt=before)
    rows = list(runs.order_by("-number").values_list("pk", "number")[: ASKED + 1])
    return rows, Run.objects.filter(pk__in=[pk for pk, _ in rows[:ASKED]])


def _page(rows: list[tuple[int, int]], asked: QuerySet) -> tuple[list[Run], int | None]:
    found = list(asked.order_by("-number")[: MOST + 1])
    further = len(found) > MOST or len(rows) > ASKED
    last = found[MOST - 1].number if len(found) > MOST else rows[ASKED - 1][1] if len(rows) > ASKED else None
    return found[:MOST][::-1], last if further else None


def _held(element: MonitoringElement, dataset: Any) -> dict[str, QuerySet]:
    """What there can be of an element, the best first."""
    return {
        "run": RunHistogram.objects.visible().filter(element=element, dataset=dataset),
        "moments": moments_of(element.name, dataset),
        "lumisections": LumisectionHistogram.objects.visible().filter(element=element, dataset=dataset),
    }


def datasets_with(element: MonitoringElement) -> list[Dataset]:
    """By name, those that hold anything of the element."""
    held = [Exists(rows) for rows in _held(element, OuterRef("pk")).values()]
    return list(Dataset.objects.visible().filter(reduce(or_, held)))


def sources_of(element: MonitoringElement, dataset: Dataset) -> list[str]:
    """What there is of it: histograms of runs, moments of runs, histograms of lumisections."""
    return [name for name, rows in _held(element, dataset).items() if rows.exists()]


def experiment_of(element: MonitoringElement, dataset: Dataset, source: str) -> str:
    """Of the latest run that was loaded: numbers of two experiments have nothing to do with each other."""
    rows = _held(element, dataset)[source]
    if source == "lumisections":
        latest = (
            rows.order_by("-lumisection_id").values_list("lumisection__run__experiment", flat=True).first()
        )
    else:
        latest = rows.order_by("-run_id").values_list("run__experiment", flat=True).first()
    return latest or ""


def moments_of(name: str, dataset: Any) -> QuerySet:
    return RunMoments.objects.visible().filter(element=name, dataset=dataset)


def over_runs(
    element: MonitoringElement, dataset: Dataset, runs: list[Run], source: str, wanted: str, bin: int | None
) -> OverRuns:
    """``wanted`` is one of histos.moments.NAMES; with ``bin`` the fraction of the entries in that bin instead."""
    if source == "moments":
        return from_moments(element.name, dataset, runs, wanted)
    numbers, entries, counts = (
        of_runs(element, dataset, runs) if source == "run" else of_lumisections(element, dataset, runs)
    )
    values, errors = values_of(element, counts, wanted, bin)
    place = {run: at for at, run in enumerate(numbers)}
    rows = [place.get(run.pk) for run in runs]
    shapes = shapes_of(element, counts)
    return OverRuns(
        runs, source, _placed(entries, rows), _placed(values, rows), _placed(errors, rows), _placed(shapes, rows),
        **conditions_of(runs),
    )  # fmt: skip


def from_moments(name: str, dataset: Dataset, runs: list[Run], wanted: str) -> OverRuns:
    """Their files tell no errors but those that follow from the number of entries."""
    rows = moments_of(name, dataset).filter(run__in=runs).values_list("run", "entries", "rms", wanted)
    by_run = {row[0]: np.array([np.nan if one is None else one for one in row[1:]], float) for row in rows}
    nothing = np.full(3, np.nan)
    table = np.array([by_run.get(run.pk, nothing) for run in runs]).reshape(-1, 3)
    entries, rms, values = table.T
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = {"mean": rms, "rms": rms / np.sqrt(2), "skewness": np.sqrt(6.0), "kurtosis": np.sqrt(24.0)}
        errors = factors[wanted] / np.sqrt(entries)
    return OverRuns(runs, "moments", entries, values, errors, **conditions_of(runs))


def _placed(values: np.ndarray, rows: list[int | None]) -> np.ndarray:
    """One row per run; NaN where there is none."""
    found = np.full((len(rows), *values.shape[1:]), np.nan)
    for at, row in enumerate(rows):
        if row is not None:
            found[at] = values[row]
    return found
