"""What counts are divided by before they are drawn, and how an axis says so. NumPy only."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Look(NamedTuple):
    """How histograms are drawn: what counts are divided by, what stands below, whether the scale is logarithmic."""

    norm: str = "area"
    below: str = "pull"
    log: bool = False


PER = {"luminosity": "per pb⁻¹", "pileup": "per unit of pile-up"}
"""Of an exposure, as an axis says it; pile-up: mean interactions per crossing, summed over lumisections."""


def divisors(norm: str, totals: np.ndarray, exposure: Mapping[str, np.ndarray], means: bool) -> np.ndarray:
    """(n,) what the counts of each histogram are divided by; NaN where that is not known or nothing.

    ``totals`` (n,) are the sums of the histograms, flow bins included; means of profiles are left as they are.
    """
    if means or norm == "raw":
        return np.ones(len(totals))
    found = totals if norm == "area" else exposure[norm]
    return np.where(found > 0, found, np.nan)
