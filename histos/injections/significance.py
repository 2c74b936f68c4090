"""What an injection really changed, in units of the sampling noise."""

from typing import TYPE_CHECKING

import numpy as np

from histos.injections.evidence import beyond_chance, evidence
from histos.injections.moves import visible

if TYPE_CHECKING:
    from histos.injections.base import Injection

# Below one standard deviation even a detector that knows what to look for sees nothing: that is not truth.
MEASURABLE = 1.0
LINEAR, LIKELIHOOD = "linear", "likelihood"
"""How the change is measured: ``significance``, as the first sets record it, or ``evidence``."""


def significance(before: np.ndarray, after: np.ndarray, *, shape_only: bool = True) -> np.ndarray:
    """``sqrt(Σ (after - expected)² / max(expected, 1))`` per row of (n, cells), flow bins too: (n,), in σ.

    It is the signal-to-noise ratio of the best linear test that knows the change; the variance of a Poisson
    count is its expectation, taken as at least 1 so that one entry in an empty bin counts one. ``expected``
    is ``before``, with ``shape_only`` (the default, called strength ÷ sampling noise) scaled to the total of
    ``after``: how many entries a lumisection holds follows its luminosity, so detectors compare shapes. A
    histogram that lost everything has no shape and is compared with what was there. For sums of weights it is
    an approximation.
    """
    before, after = np.atleast_2d(before).astype(float), np.atleast_2d(after).astype(float)
    expected = before.copy()
    if shape_only:
        was, is_ = before.sum(axis=1), after.sum(axis=1)
        has_shape = (was > 0) & (is_ > 0)
        expected[has_shape] *= (is_[has_shape] / was[has_shape])[:, None]
    return np.asarray(np.sqrt(((after - expected) ** 2 / np.maximum(expected, 1)).sum(axis=1)))


class MeanShape:
    """The mean shape of an element, on which the change is measured free of noise.

    Between two noisy histograms noise that merely moved to the next bin would count as change: a flat
    histogram of 100 bins, shifted by one, would seem to change by 14 σ, while it is as flat as before.
    """

    def __init__(self, counts: np.ndarray, shape: tuple[int, ...]) -> None:
        total = counts.sum(axis=0, dtype=float)
        # Half an entry is no whole number: injections then give the expectation and draw only the place.
        self.half = 0.5 * total / total.sum() if total.sum() > 0 else total
        self.entries = float(total.sum())
        self.shape = shape

    def sigma(
        self,
        injection: "Injection",
        rng: np.random.Generator,
        strength: float,
        entries: float,
        measure: str = LIKELIHOOD,
    ) -> float:
        """What the injection changes in a histogram of this shape and so many entries."""
        if measure == LIKELIHOOD and injection.scatter is not None:
            return injection.scatter(visible((2 * entries * self.half).reshape(self.shape)), strength)
        after = injection(self.half[None], self.shape, rng, strength)
        if measure == LINEAR:
            return float(significance(2 * entries * self.half, 2 * entries * after)[0])
        # A cell that no histogram ever filled holds, for all one knows, half an entry of all of theirs.
        least = 0.5 * entries / max(self.entries, 1)
        sigma = evidence(2 * entries * self.half, 2 * entries * after[0], max(least, 1e-9))
        return beyond_chance(sigma, injection.draws(visible(self.half.reshape(self.shape)).size, strength))
