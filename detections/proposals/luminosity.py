"""Recorded luminosity (pb⁻¹) of ranges of lumisections, as far as it is known."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from project.bulk import raw_rows
from runs.models import Lumisection


@dataclass(frozen=True)
class Recorded:
    """Of one run: lumisection ``numbers`` (n,) ascending and their luminosities in pb⁻¹ (n,), NaN: not known."""

    numbers: np.ndarray
    values: np.ndarray

    def between(self, first: int, last: int | None) -> tuple[float | None, int, int]:
        """The luminosity of a range, how many lumisections it holds, and of how many it is not known."""
        end = len(self.numbers) if last is None else np.searchsorted(self.numbers, last, side="right")
        part = self.values[np.searchsorted(self.numbers, first) : end]
        unknown = int(np.isnan(part).sum())
        return (float(np.nansum(part)) if unknown < len(part) else None), len(part), unknown


NOTHING = Recorded(np.zeros(0, dtype=np.int64), np.zeros(0))


def recorded_of(run_ids: Iterable[int]) -> dict[int, Recorded]:
    """By run id; one query. Runs without lumisections are left out."""
    rows = Lumisection.objects.visible().filter(run__in=list(run_ids)).order_by("run", "number")
    table = np.array(raw_rows(rows.values_list("run", "number", "recorded_luminosity")), dtype=float).reshape(
        -1, 3
    )
    edges = np.flatnonzero(np.diff(table[:, 0])) + 1
    parts = np.split(table, edges) if len(table) else []
    return {int(part[0, 0]): Recorded(part[:, 1].astype(np.int64), part[:, 2]) for part in parts}
