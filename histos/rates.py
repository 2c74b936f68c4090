"""Anomaly rates of the elements of a run, for the pills of the tree; the page knows nothing of who computes them.

An app above says once, when it is ready: ``rate(function)``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.http import HttpRequest

from histos.models import Dataset
from runs.models import Run
from runs.scores import Choice


class Share(NamedTuple):
    """So many of the histograms that were scored are flagged."""

    flagged: int = 0
    scored: int = 0

    @property
    def rate(self) -> float:
        return self.flagged / self.scored if self.scored else 0.0

    @property
    def text(self) -> str:
        return f"{100 * self.rate:.2g} %" if self.flagged else "0"

    @property
    def level(self) -> str:
        """How loud the pill is."""
        return "none" if not self.flagged else "some" if self.rate < 0.05 else "many"

    def with_(self, other: "Share") -> "Share":
        return Share(self.flagged + other.flagged, self.scored + other.scored)


@dataclass(frozen=True)
class Rates:
    """By name of the element, over the lumisections shown; ``choices`` are what else could be asked, ``value`` is."""

    by_element: Mapping[str, Share] = field(default_factory=dict)
    choices: Sequence[Choice] = ()
    value: str = ""

    @property
    def chosen(self) -> Choice | None:
        return next((one for one in self.choices if one.value == self.value), None)

    def of(self, name: str) -> Share | None:
        """None where the trial did not see the element."""
        return self.by_element.get(name)

    def below(self, folder: str) -> Share | None:
        """Of all elements whose name begins with ``folder``, together."""
        found = [share for name, share in self.by_element.items() if name.startswith(folder)]
        total = Share()
        for share in found:
            total = total.with_(share)
        return total if total.scored else None


Rater = Callable[[HttpRequest, Run, Dataset, int | None], Rates | None]
RATERS: list[Rater] = []


def rate(rater: Rater) -> None:
    """Ask ``rater`` on every page of a run's tree; each is asked once."""
    if rater not in RATERS:
        RATERS.append(rater)


def rates_on(request: HttpRequest, run: Run, dataset: Dataset, ls: int | None) -> Rates:
    """Of a run, or of one of its lumisections: the first who knows any."""
    found = (rater(request, run, dataset, ls) for rater in RATERS)
    return next((one for one in found if one is not None), Rates())
