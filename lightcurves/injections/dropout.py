"""A channel that no longer measures."""

import numpy as np

from lightcurves.injections.base import Injection
from lightcurves.injections.place import Place


def dropout(series: Place, rng: np.random.Generator, strength: float) -> np.ndarray:
    """For a stretch the values stand still below the usual level (fainter), without scatter, as from a dead
    channel.

    The level is the median less ``strength`` × noise, 0 at the lowest where no value is negative. The times
    stay: a gap in the data is what detectors cannot see, and no injection.
    """
    at = series.step(rng)
    duration = series.duration(at, rng)
    since = series.times - series.times[at]
    inside = (since >= 0) & (since <= duration)
    usual = Place(series.times, np.full_like(series.values, series.level), series.noise, series.magnitude)
    lowest = 0.0 if not series.magnitude and series.values.min() >= 0 else -np.inf
    dead = np.maximum(usual.brightened(-strength * inside), lowest)
    return np.where(inside, dead, series.values)


DROPOUT = Injection(dropout, (3.0, 100.0), "depth below the median divided by the noise")
