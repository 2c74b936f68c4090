"""Histograms of a run against what they are compared with: the others of the run, another run, a golden average."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from histos import reference as against
from histos.models import MonitoringElement

CELLS_AT_ONCE = 1 << 16
"""Compared in one go: temporary arrays of this size stay in the processor's cache."""
EXPOSURES = {"luminosity": 1e-6, "pileup": 1e-2}
"""What counts may be divided by, recorded luminosity (pb⁻¹) or pile-up (interactions per crossing), and what is so
little that it is the noise of a luminometer."""
OF_USUAL = 0.01
"""Of the median: where less was recorded, a rate would say nothing."""


def usable(name: str, exposure: np.ndarray) -> np.ndarray:
    """``exposure`` (n,), NaN where it is not known or too little to divide by."""
    known = np.nan_to_num(exposure) > EXPOSURES[name]
    if not known.any():
        return np.full(len(exposure), np.nan)
    return np.where(
        known & (np.nan_to_num(exposure) > OF_USUAL * np.median(exposure[known])), exposure, np.nan
    )


@dataclass(frozen=True)
class Compared:
    """``values`` (m, cells): counts; of weights, what they stand for in entries; of a profile (``means``) its means.

    ``exposure`` by name, each (m,): what the entries are in proportion to; NaN where it is not known.
    """

    values: np.ndarray
    means: bool
    exposure: Mapping[str, np.ndarray]

    @classmethod
    def of(
        cls,
        element: MonitoringElement,
        counts: np.ndarray,
        entries: np.ndarray,
        exposure: Mapping[str, np.ndarray],
    ) -> "Compared":
        """``counts`` (m, cells) as stored, ``entries`` (m,)."""
        storage = element.Storage
        means = element.storage == storage.MEAN
        if element.storage not in (storage.COUNT, storage.MEAN):
            counts = against.as_entries(np.nan_to_num(counts, posinf=0, neginf=0), entries)
        return cls(counts, means, exposure)

    def exposed(self, norm: str) -> np.ndarray | None:
        """(m,) of what ``norm`` divides by; None where shapes are compared."""
        return None if norm not in EXPOSURES or self.means else self.exposure[norm]


def reduced(here: Compared, other: Compared | None = None, norm: str = "area") -> np.ndarray:
    """χ²/ndf (m,) of every histogram, against the sum of ``other`` or of the others of ``here``.

    Shapes are compared, each with its own total; with a ``norm`` of EXPOSURES rates are, entries and all.
    """
    values = here.values
    if here.means:
        averaged = (
            against.mean_and_spread_of_others(values)
            if other is None
            else against.mean_and_spread(other.values)
        )
        return against.of_means(values, *averaged).reduced
    total = _total(here if other is None else other, norm)
    counted, scale = _counted(here, norm)[:, None], _scales(here, other, norm)
    step = max(CELLS_AT_ONCE // max(values.shape[1], 1), 1)
    found = [np.empty(0)]
    for row in range(0, len(values), step):
        block = values[row : row + step]
        own = counted[row : row + step] * block if other is None else 0
        part = None if scale is None else scale[row : row + step]
        found.append(against.of_counts(block, total - own, part).reduced)
    return np.concatenate(found)


def reference_of(here: Compared, row: int, other: Compared | None = None, norm: str = "area") -> np.ndarray:
    """The reference of one histogram, (cells,): a sum of counts, or the mean of a profile's means."""
    if here.means:
        return against.mean_and_spread(_without(here, row) if other is None else other.values)[0]
    if other is not None:
        return _total(other, norm)
    return np.asarray(_total(here, norm) - _counted(here, norm)[row] * here.values[row])


def deviation_at(
    here: Compared, row: int, other: Compared | None = None, norm: str = "area"
) -> against.Deviation:
    """One histogram against its reference, in one row."""
    one = here.values[row : row + 1]
    if here.means:
        return against.of_means(
            one, *against.mean_and_spread(_without(here, row) if other is None else other.values)
        )
    scale = _scales(here, other, norm)
    part = None if scale is None else scale[row : row + 1]
    return against.of_counts(one, reference_of(here, row, other, norm), part)


def _counted(held: Compared, norm: str) -> np.ndarray:
    """(m,) 1 for a histogram that is part of a reference; 0 where its exposure is not known."""
    exposure = held.exposed(norm)
    return np.ones(len(held.values)) if exposure is None else (exposure > 0).astype(float)


def _total(held: Compared, norm: str) -> np.ndarray:
    if held.exposed(norm) is None:
        return np.asarray(held.values.sum(axis=0))
    return np.asarray(_counted(held, norm) @ held.values)


def _scales(here: Compared, other: Compared | None, norm: str) -> np.ndarray | None:
    """(m,) the exposure of each histogram over that of its reference; None where shapes are compared."""
    own = here.exposed(norm)
    if own is None:
        return None
    held = own if other is None else other.exposed(norm)
    known = np.where(np.asarray(held) > 0, np.nan_to_num(np.asarray(held)), 0.0)
    rest = known.sum() - (known if other is None else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(rest > 0, own / rest, np.nan))


def _without(held: Compared, row: int) -> np.ndarray:
    return np.delete(held.values, row, axis=0)
