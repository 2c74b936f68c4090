"""Where and how long: what every event draws, and how it is added to fluxes and to magnitudes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

POGSON = 2.5 / np.log(10)


@dataclass(frozen=True)
class Place:
    """The finite steps of a series: ``times``, ``values``, typical ``noise`` (one σ), if in ``magnitude``."""

    times: np.ndarray
    values: np.ndarray
    noise: float
    magnitude: bool

    @cached_property
    def level(self) -> float:
        """The usual value."""
        return float(np.median(self.values))

    def step(self, rng: np.random.Generator, margin: float = 0.1) -> int:
        """A random step, not in the first or last ``margin`` of the series."""
        n = len(self.times)
        edge = int(margin * n)
        return int(rng.integers(edge, n - edge))

    def duration(self, at: int, rng: np.random.Generator) -> float:
        """The time of 2 steps to a tenth of the series, as sampled around ``at``: an event that is seen."""
        n = len(self.times)
        steps = int(rng.integers(2, max(3, n // 10) + 1))
        until = self.times[min(at + steps, n - 1)] - self.times[at]
        before = self.times[at] - self.times[max(at - steps, 0)]
        span = self.times[-1] - self.times[0]
        return float(max(until, before) or span or 1.0)

    def brightened(self, amount: np.ndarray) -> np.ndarray:
        """Values with ``amount`` (T,) of light added, in units of the noise; steps with 0 stay bit by bit.

        Fluxes, and readings of machines: value + amount × noise. Magnitudes: with a = amount × noise / 1.0857
        the flux is multiplied by 1 + a, or divided by 1 + |a| where a < 0, so that no light is left negative.
        """
        if not self.magnitude:
            return np.where(amount == 0, self.values, self._above_floor(self.values + amount * self.noise))
        relative = np.abs(amount) * self.noise / POGSON
        return np.where(amount == 0, self.values, self.values - np.sign(amount) * POGSON * np.log1p(relative))

    def _above_floor(self, values: np.ndarray) -> np.ndarray:
        """What was never negative (a flux, a load in percent) does not become so."""
        return np.maximum(values, 0.0) if self.values.min() >= 0 else values
