"""What apps above have to mark on the pages of an element in a run: flagged lumisections, scores, bins.

The page knows nothing of who marks: an app above says once, when it is ready, ``mark(function)``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest

from histos.models import Dataset, MonitoringElement
from runs.models import Run


@dataclass(frozen=True)
class Marks:
    """``scores`` by lumisection, high = strange; ``flagged`` lumisections with the cells that are the reasons."""

    name: str
    flagged: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    scores: Mapping[int, float] = field(default_factory=dict)
    threshold: float | None = None


Marker = Callable[[HttpRequest, MonitoringElement, Run, Dataset], Marks | None]
MARKERS: list[Marker] = []


def mark(marker: Marker) -> None:
    """Ask ``marker`` on every page of an element in a run; each is asked once."""
    if marker not in MARKERS:
        MARKERS.append(marker)


def marks_on(request: HttpRequest, element: MonitoringElement, run: Run, dataset: Dataset) -> list[Marks]:
    found = (marker(request, element, run, dataset) for marker in MARKERS)
    return [marks for marks in found if marks is not None]
