"""A change of the zero point, of the level of a machine."""

import numpy as np

from lightcurves.injections.base import Injection
from lightcurves.injections.place import Place


def step(series: Place, rng: np.random.Generator, strength: float) -> np.ndarray:
    """From a time on everything is brighter, or everything fainter, by a constant."""
    at = series.step(rng)
    sign = rng.choice((-1.0, 1.0))
    return series.brightened(sign * strength * (np.arange(len(series.times)) >= max(at, 1)))


STEP = Injection(step, (0.5, 20.0), "height divided by the noise")
