"""Neighbouring lumisections taken together, where one alone holds too little."""

from dataclasses import replace

import numpy as np

from histos.looking.in_run import InRun, middle

MOST = 200
"""Lumisections merged into one at most."""


def merged(here: InRun, merge: int) -> InRun:
    """Every ``merge`` lumisections as one, counted from lumisection 1, so that an address means the same everywhere.

    Counts, entries, luminosity and pile-up are added up; luminosity or pile-up that one of them lacks is not known of
    the sum. A profile's means are averaged by entries, the best weights there are.
    """
    if merge <= 1 or not len(here.numbers):
        return here
    groups = middle(here.numbers, merge)
    numbers, starts = np.unique(groups, return_index=True)
    read, firsts = np.unique(middle(here.read, merge), return_index=True)
    listed, ids = np.unique(middle(here.listed, merge), return_index=True)
    return replace(
        here, listed=listed, ids=here.ids[ids], numbers=numbers, merge=merge,
        entries=np.add.reduceat(here.entries, starts),
        luminosity=np.add.reduceat(here.luminosity, starts), pileup=np.add.reduceat(here.pileup, starts),
        rows=np.searchsorted(numbers, read), counts=_counts(here, firsts),
    )  # fmt: skip


def _counts(here: InRun, firsts: np.ndarray) -> np.ndarray:
    if not here.means:
        return np.asarray(np.add.reduceat(here.counts, firsts, axis=0))
    known = np.isfinite(here.counts)
    weights = np.where(known, np.maximum(here.entries[here.rows], 0)[:, None], 0)
    sums = np.add.reduceat(np.where(known, here.counts, 0) * weights, firsts, axis=0)
    totals = np.add.reduceat(weights, firsts, axis=0)
    return np.where(totals > 0, sums / np.where(totals > 0, totals, 1), np.nan)


def span_of(number: int, merge: int) -> tuple[int, int]:
    """First and last of the lumisections that stand under ``number``."""
    first = (number - 1) // merge * merge + 1
    return first, first + merge - 1
