"""An eclipse, a transit, a dust cloud; a machine that does less for a while."""

import numpy as np

from lightcurves.injections.base import Injection
from lightcurves.injections.place import Place

# Part of the dip's duration that going in takes, and as much for coming out.
INGRESS = 0.25


def dip(series: Place, rng: np.random.Generator, strength: float) -> np.ndarray:
    """A trapezoid, fainter than before (larger magnitude), its middle on a step."""
    at = series.step(rng)
    duration = series.duration(at, rng)
    distance = np.abs(series.times - series.times[at])
    return series.brightened(-strength * np.clip((duration / 2 - distance) / (INGRESS * duration), 0, 1))


DIP = Injection(dip, (2.0, 50.0), "depth divided by the noise")
