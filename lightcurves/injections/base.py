"""What an injection is: an event in one series, in units of the series' noise. NumPy only."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lightcurves.injections.noise import noise_of
from lightcurves.injections.place import Place
from lightcurves.injections.units import is_magnitude

# Fewer finite steps than this cannot show an event beside its surroundings: such a series is left alone.
MIN_STEPS = 10

# (series as Place, rng, strength) → changed values, finite steps only
OneEvent = Callable[[Place, np.random.Generator, float], np.ndarray]


@dataclass(frozen=True)
class Injection:
    """``INJECTIONS[name](times, values, errors, rng, strength, unit)`` gives changed values; strength 0
    changes nothing.

    ``function`` draws place and duration and gives the changed values; ``strength_range`` is what to draw
    from, even in the logarithm; ``strength_meaning`` says what the number measures.
    """

    function: OneEvent
    strength_range: tuple[float, float]
    strength_meaning: str

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def summary(self) -> str:
        """First paragraph of the function's docstring."""
        return " ".join((self.function.__doc__ or "").strip().split("\n\n")[0].split())

    def __call__(
        self,
        times: np.ndarray,
        values: np.ndarray,
        errors: np.ndarray | None,
        rng: np.random.Generator,
        strength: float,
        unit: str = "",
    ) -> np.ndarray:
        """``times`` (T,) sorted, in days; ``values``, ``errors`` (T,) in ``unit``; NaN stay NaN. Strength 0
        or more.

        With ``unit`` ``mag`` brighter is smaller, and changes are made in flux.
        """
        if not strength >= 0 or not np.isfinite(strength):
            raise ValueError(f"{self.name}: strength must be finite and not negative, not {strength}")
        changed = np.array(values, dtype=float)
        finite = np.isfinite(changed) & np.isfinite(times)
        if not strength or finite.sum() < MIN_STEPS:
            return changed
        noise = float(np.median(noise_of(changed, errors)[finite]))
        place = Place(np.asarray(times, dtype=float)[finite], changed[finite], noise, is_magnitude(unit))
        changed[finite] = self.function(place, rng, float(strength))
        return changed
