"""How the nearest training rows are found, and when that takes too long."""

from typing import NamedTuple

from project.samples import Samples

from .adapters import width
from .scorable import sizes

TREE_COLUMNS = 7
"""Beyond, a k-d tree visits nearly every row, and comparing all with all is faster."""


class Limits(NamedTuple):
    """What takes about 20 s on two cores of 2026, for columns without structure (the worst case)."""

    tree: float
    """Rows, fitted and scored, × columns², in a k-d tree."""
    pairs: float = 1e10
    """Pairs of a fitted with any row × (1 + columns ÷ 40), comparing all with all."""


def too_long(name: str, samples: Samples, window: int, limits: Limits) -> str | None:
    """A sentence when the search on ``samples`` would pass the limits."""
    columns = width(samples, window)
    fit, score = sizes(samples)
    if columns <= TREE_COLUMNS:
        far = (fit + score) * columns**2 > limits.tree
    else:
        far = fit * (fit + score) * (1 + columns / 40) > limits.pairs
    if not far:
        return None
    return f"{name} would take minutes: {fit:,} rows to fit, {score:,} to score, {columns} columns."
