"""What an injection is: a way one histogram goes wrong, applied to many. NumPy only."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# (one histogram with flow bins, slowest axis first; rng; strength) → the changed histogram
OneHistogram = Callable[[np.ndarray, np.random.Generator, float], np.ndarray]


@dataclass(frozen=True)
class Injection:
    """``INJECTIONS[name](counts, shape, rng, strength)`` gives changed copies; strength 0 changes nothing.

    ``function`` changes one histogram; ``strength_range`` is what to draw from, even in the logarithm;
    ``strength_meaning`` says what the number measures. What a test cannot know is what is drawn anew for every
    histogram: ``draws`` (visible cells, strength) gives the number of places or signs that come out differently, two
    unless said; ``scatter`` (expected counts, strength) → σ is given by a kind that draws the whole change.
    """

    function: OneHistogram
    strength_range: tuple[float, float]
    strength_meaning: str
    scatter: Callable[[np.ndarray, float], float] | None = None
    draws: Callable[[int, float], float] = lambda cells, strength: 2.0

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def summary(self) -> str:
        """First paragraph of the function's docstring."""
        return " ".join((self.function.__doc__ or "").strip().split("\n\n")[0].split())

    def __call__(
        self,
        counts: np.ndarray,
        shape: tuple[int, ...],
        rng: np.random.Generator,
        strength: np.ndarray | float,
    ) -> np.ndarray:
        """``counts`` (n, cells) and ``shape``, (x,) or (y, x), with flow bins; ``strength`` (n,)."""
        counts = np.asarray(counts, dtype=float)
        strengths = np.broadcast_to(np.asarray(strength, dtype=float), len(counts))
        if not (np.isfinite(strengths) & (strengths >= 0)).all():
            raise ValueError(f"{self.name}: strength must be finite and not negative")
        changed = counts.copy()
        for row in np.flatnonzero(strengths > 0):
            one = counts[row].reshape(shape).copy()
            changed[row] = self.function(one, rng, float(strengths[row])).ravel()
        return changed
