"""Reads of histograms."""

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from project.bulk import raw_rows
from project.errors import UserError
from project.querysets import LoadedQuerySet
from project.samples import HistogramSequence
from project.vectors import decode_matrix

if TYPE_CHECKING:
    from histos.models import MonitoringElement

COLUMNS = (
    "lumisection__run__experiment",
    "lumisection__run__number",
    "lumisection__number",
    "entries",
    "counts",
)


def edges_of(element: "MonitoringElement") -> tuple[np.ndarray, ...]:
    """The edges of each axis, x first, without flow bins."""
    return tuple(edges_along(axis) for axis in element.axes)


def edges_along(axis: dict[str, Any]) -> np.ndarray:
    """The edges (bins + 1,) of one axis of an element; not to be written into."""
    if axis.get("edges"):
        return np.asarray(axis["edges"], float)
    return _regular(axis["lower"], axis["upper"], axis["bins"])


@lru_cache(maxsize=256)
def _regular(lower: float, upper: float, bins: int) -> np.ndarray:
    """A page draws many histograms over the same few axes."""
    edges = np.linspace(lower, upper, bins + 1)
    edges.setflags(write=False)
    return edges


class HistogramQuerySet(LoadedQuerySet):
    def of(self, element: "MonitoringElement", dataset: str | None = None) -> Self:
        """Histograms of one monitoring element, of one dataset where several hold it."""
        chosen = self.filter(element=element)
        return chosen if dataset is None else chosen.filter(dataset__name=dataset)

    def in_runs(self, numbers: list[int], experiment: str = "CMS") -> Self:
        return self.filter(lumisection__run__experiment=experiment, lumisection__run__number__in=numbers)

    def as_samples(self, element: "MonitoringElement") -> HistogramSequence:
        """The visible histograms of ``element`` per lumisection, in order of run and lumisection: one query.

        ids are ``experiment:run:lumisection``, groups ``experiment:run``; times count runs, with the lumisection as
        hundred-thousandths.
        """
        rows = raw_rows(self.filter(element=element).visible().order_by(*COLUMNS[:3]).values_list(*COLUMNS))
        edges = edges_of(element)
        cells = int(np.prod([len(edge) + 1 for edge in edges]))
        experiments, runs, numbers, entries, blobs = zip(*rows, strict=True) if rows else ((),) * 5
        groups = [f"{experiment}:{run}" for experiment, run in zip(experiments, runs, strict=True)]
        return HistogramSequence(
            ids=np.array(
                [f"{group}:{number}" for group, number in zip(groups, numbers, strict=True)], dtype=str
            ),
            groups=np.array(groups, dtype=str),
            counts=decode_matrix(list(blobs), cells),
            edges=edges,
            times=np.array(runs, float) + np.array(numbers, float) / 1e5,
            entries=np.array(entries, float),
            element=element.name,
        )


def elements_like(patterns: list[str], dataset: str) -> "list[MonitoringElement]":
    """The monitoring elements of a dataset whose name fits one of the patterns (``*`` and ``?``), by name.

    ``name@binning`` (see ``label_of``) picks one binning. A pattern that fits none, or one name in several binnings, is
    an error that names it.
    """
    from histos.models import MonitoringElement

    chosen: dict[str, MonitoringElement] = {}
    named = list(MonitoringElement.objects.order_by("name", "binning"))
    for pattern in patterns:
        fitting = [
            element for element in named if pattern == label_of(element) or fnmatchcase(element.name, pattern)
        ]
        held = [element for element in fitting if _holds(dataset, element)]
        if not held:
            raise UserError(f"no monitoring element of dataset {dataset!r} is called {pattern!r}")
        for element in held:
            if chosen.setdefault(element.name, element).pk != element.pk:
                both = f"{label_of(chosen[element.name])} or {label_of(element)}"
                raise UserError(f"{element.name} has several binnings in {dataset!r}: choose {both}")
    return [chosen[name] for name in sorted(chosen)]


def label_of(element: "MonitoringElement") -> str:
    """Name and the start of the binning's hash: enough to pick one binning of a name."""
    return f"{element.name}@{element.binning[:8]}"


def _holds(dataset: str, element: "MonitoringElement") -> bool:
    return element.histograms.visible().filter(dataset__name=dataset).exists()
