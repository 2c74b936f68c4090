"""An outburst: of a star, or of the load of a machine."""

import numpy as np

from lightcurves.injections.base import Injection
from lightcurves.injections.place import Place

# The rise takes this part of the decay time; the tail ends after so many decay times, at 0.7 % of the peak.
RISE, TAIL = 0.1, 5.0


def flare(series: Place, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Fast linear rise, exponential decay, brighter than before (smaller magnitude); its peak on a step."""
    at = series.step(rng)
    decay = series.duration(at, rng) / 2
    since = series.times - series.times[at]
    rising = np.clip(1 + since / (RISE * decay), 0, 1)
    falling = np.where(since <= TAIL * decay, np.exp(-np.maximum(since, 0) / decay), 0)
    return series.brightened(strength * np.where(since < 0, rising, falling))


FLARE = Injection(flare, (2.0, 50.0), "height of the peak divided by the noise")
