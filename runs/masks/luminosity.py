"""How much luminosity a mask holds. No Django."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from runs.masks.mask import LAST, Mask


class Amount(NamedTuple):
    """``lumisections`` of a mask, of which ``without`` have no recorded luminosity that is known; the ``recorded`` and
    ``delivered`` luminosity of the others in pb⁻¹.
    """

    lumisections: int = 0
    without: int = 0
    recorded: float = 0.0
    delivered: float = 0.0


@dataclass(frozen=True)
class Luminosities:
    """Of n lumisections, each once: ``runs`` and ``numbers`` int64 (n,), ``recorded`` and ``delivered`` luminosity in
    pb⁻¹ float64 (n,), NaN where it is not known. Small negative values are noise, and kept: they average out.
    """

    runs: np.ndarray
    numbers: np.ndarray
    recorded: np.ndarray
    delivered: np.ndarray

    @classmethod
    def of_rows(cls, rows: np.ndarray) -> Self:
        """From float64 (n, 4): run, lumisection, recorded, delivered."""
        runs, numbers, recorded, delivered = np.asarray(rows, dtype=float).reshape(-1, 4).T
        return cls(runs.astype(np.int64), numbers.astype(np.int64), recorded, delivered)

    def known(self) -> Mask:
        """The lumisections there are."""
        return Mask.of_lumisections(self.runs, self.numbers)

    def ends(self) -> dict[int, int]:
        """The last lumisection of each run."""
        runs, at = np.unique(self.runs, return_inverse=True)
        ends = np.zeros(len(runs), dtype=np.int64)
        np.maximum.at(ends, at, self.numbers)
        return dict(zip(runs.tolist(), ends.tolist(), strict=True))

    def of(self, mask: Mask) -> Amount:
        """What ``mask`` holds of it."""
        mask = self._closed(mask)
        inside = mask.contains(self.runs, self.numbers)
        recorded = self.recorded[inside]
        known = np.isfinite(recorded)
        without = mask.count() - int(known.sum())
        return Amount(
            mask.count(), without, float(recorded[known].sum()), float(np.nansum(self.delivered[inside]))
        )

    def by_run(self, mask: Mask) -> dict[int, Amount]:
        """The same run by run."""
        mask = self._closed(mask)
        names = np.array(mask.runs, dtype=np.int64)
        runs, firsts, lasts = mask.arrays()
        counts = _sums(names, runs, np.where(lasts < LAST, lasts - firsts + 1, 0))
        inside = mask.contains(self.runs, self.numbers)
        here, recorded = self.runs[inside], self.recorded[inside]
        known = _sums(names, here, np.isfinite(recorded))
        sums = (_sums(names, here, np.nan_to_num(one)) for one in (recorded, self.delivered[inside]))
        columns = (counts.astype(np.int64), (counts - known).astype(np.int64), *sums)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return {run: Amount(*row) for run, row in zip(names.tolist(), rows, strict=True)}

    def _closed(self, mask: Mask) -> Mask:
        return mask.closed(self.ends()) if mask.open_runs else mask


def _sums(names: np.ndarray, runs: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The sum of ``values`` (n,) for each of ``names``, by the run (n,) they belong to."""
    return np.bincount(np.searchsorted(names, runs), weights=values, minlength=len(names))
