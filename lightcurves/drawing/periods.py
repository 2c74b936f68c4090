"""Which attributes of a source are its periods, and folding at one. No Django."""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

PERIOD = re.compile(r"(p|per|period)(_?\d)?(_?days?)?", re.IGNORECASE | re.ASCII)
MOST = 5


def periods_of(attributes: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Name and days of every attribute that is called what catalogues call periods, in order of names."""
    named = ((name, value) for name, value in attributes.items() if PERIOD.fullmatch(name))
    return sorted((name, value) for name, value in named if _is_period(value))[:MOST]


def _is_period(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value > 0


def phase(time: np.ndarray, period: float, epoch: float) -> np.ndarray:
    """Phase of each ``time`` (MJD), 0 to below 1; ``period`` in days, phase 0 at ``epoch`` (MJD)."""
    turns = (time - epoch) / period
    # What rounds up to a whole turn begins the next one.
    return np.where((left := turns - np.floor(turns)) < 1, left, 0.0)
