from typing import ClassVar, Self

import numpy as np

from project.samples import HistogramSequence, Samples

from .base import Detector, DetectorError, Reason, spread_out
from .calibration import Calibration, enough
from .counting import signed_sigma
from .drift import Drift
from .occupancy import square_reason
from .shape_tests import Strongest, largest_move, move_weights, scatter, strongest_box
from .table import strongest
from .tracking import Expected, expected_of

WITHIN = 3
"""Single bins named beside the stretch or square that deviates most."""


class TrackedReference(Detector):
    """Three shape tests against the reference of other runs, as the earlier lumisections of the run move it.

    The training tells the usual shape and the few directions in which it moves with pile-up and from run to run. Along
    a run these are followed by a Kalman filter, everything else by its own entries; without ``follow`` nothing of the
    run is used. Against what is then expected a scan looks for dead and hot stretches, likelihood ratios for shifts
    and stretches of the axis, a weighted χ² for scatter. The largest of the three is the score, in sigma of good
    histograms with as many entries.
    """

    name: ClassVar[str] = "tracked_reference"
    kinds: ClassVar[tuple[str, ...]] = (HistogramSequence.kind,)
    paper: ClassVar[str] = (
        "Kalman (1960), doi:10.1115/1.3662552; Kulldorff (1997), doi:10.1080/03610929708831995"
    )
    sequential: ClassVar[bool] = True

    def __init__(self, *, follow: bool = True) -> None:
        self.follow = follow

    def fit(self, samples: Samples) -> Self:
        usable = self._usable(samples)
        known = _sequence(self.name, samples).take(usable)
        self.shape_ = known.shape
        self.drift_ = Drift.of(_not_negative(known), known.groups)
        self.weights_ = move_weights(self.drift_.share, self.shape_)
        few = known.take(_whole_runs(known.groups, enough(known.counts.shape[1])))
        tests, totals = self._tests(few)[0], few.counts.sum(axis=1, dtype=float)
        self.calibrations_ = [Calibration.of(test, totals) for test in tests]
        self.calibration_ = Calibration.of(self._largest(tests, totals), totals)
        return self

    def score(self, samples: Samples) -> np.ndarray:
        wanted = self._scorable(samples)
        known = _sequence(self.name, samples).take(wanted)
        totals = known.counts.sum(axis=1, dtype=float)
        return spread_out(
            self.calibration_.sigma(self._largest(self._tests(known)[0], totals), totals), wanted
        )

    def reasons(self, samples: Samples, rows: np.ndarray) -> list[list[Reason]]:
        wanted = self._scorable(samples)
        known = _sequence(self.name, samples)
        # What is expected of a row comes from its own run alone.
        asked = wanted & np.isin(known.groups, known.groups[rows])
        place = np.cumsum(asked) - 1
        here = known.take(asked)
        expected = self._expected(here)
        chosen = place[rows[wanted[rows]]]
        few = Expected(*(part[chosen] for part in expected))
        found = iter(self._reasons(_not_negative(here)[chosen], few))
        return [next(found) if wanted[row] else [] for row in rows]

    def _reasons(self, counts: np.ndarray, expected: Expected) -> list[list[Reason]]:
        box = strongest_box(counts, expected, self.drift_, self.shape_)
        loose = expected.loose[:, None] * self.drift_.share + expected.tied @ self.drift_.motions.T**2
        sigma = signed_sigma(counts, expected.counts, loose)
        columns = [{"bin": cell} for cell in range(counts.shape[1])]
        return [
            [square_reason(self.shape_, float(pull), int(cell), int(half)), *strongest(columns, row)[:WITHIN]]
            for pull, cell, half, row in zip(*box, sigma, strict=True)
        ]

    def _expected(self, samples: HistogramSequence) -> Expected:
        return expected_of(self.drift_, _not_negative(samples), samples.groups, samples.times, self.follow)

    def _tests(self, samples: HistogramSequence) -> tuple[np.ndarray, Strongest]:
        """(tests, n) and the strongest box of each."""
        counts, expected = _not_negative(samples), self._expected(samples)
        box = strongest_box(counts, expected, self.drift_, self.shape_)
        moves = largest_move(counts, expected, self.drift_, self.weights_)
        return np.stack([np.abs(box.sigma), moves, scatter(counts, expected, self.drift_)]), box

    def _largest(self, tests: np.ndarray, totals: np.ndarray) -> np.ndarray:
        sigma = [known.sigma(test, totals) for known, test in zip(self.calibrations_, tests, strict=True)]
        return np.asarray(np.max(sigma, axis=0))


def _sequence(name: str, samples: Samples) -> HistogramSequence:
    if not isinstance(samples, HistogramSequence):
        raise DetectorError(f"{name} takes histograms, not {samples.kind}")
    return samples


def _not_negative(samples: HistogramSequence) -> np.ndarray:
    """Weights can be negative; taken as counts they are not."""
    counts: np.ndarray = samples.counts
    return counts if counts.min(initial=0) >= 0 else np.maximum(counts, 0)


def _whole_runs(groups: np.ndarray, rows: int) -> np.ndarray:
    """Mask of the rows of as many runs, evenly chosen, as have about so many rows."""
    names = np.unique(groups)
    step = max(1, round(len(groups) / rows))
    return np.isin(groups, names[:: min(step, len(names))])
