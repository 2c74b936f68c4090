"""What detectors share that expect of a histogram what other runs and the earlier lumisections of its own tell."""

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np

from project.samples import HistogramSequence, Samples

from .base import Detector, DetectorError, Reason, spread_out
from .calibration import Calibration, enough
from .drift import Drift
from .shape_tests import cell_sigma
from .table import strongest
from .tracking import Expected, expected_of


class Tracked(Detector):
    """Write ``_tests``, and ``_prepare`` and ``_reasons`` if need be.

    The training tells the usual shape and the few directions in which it moves with pile-up and from run to run. Along
    a run these are followed by a Kalman filter, everything else by its own entries; without ``follow`` nothing of the
    run is used. The largest of the tests is the score, in sigma of good histograms with as many entries.
    """

    kinds: ClassVar[tuple[str, ...]] = (HistogramSequence.kind,)
    sequential: ClassVar[bool] = True

    def __init__(self, *, follow: bool = True) -> None:
        self.follow = follow

    def fit(self, samples: Samples) -> Self:
        usable = self._usable(samples)
        known = _sequence(self.name, samples).take(usable)
        self.shape_ = known.shape
        self.drift_ = Drift.of(_not_negative(known), known.groups)
        self._prepare()
        few = known.take(_whole_runs(known.groups, enough(known.counts.shape[1])))
        tests, totals = self._all_tests(few), few.counts.sum(axis=1, dtype=float)
        self.calibrations_ = [Calibration.of(test, totals) for test in tests]
        self.calibration_ = Calibration.of(self._largest(tests, totals), totals)
        return self

    def score(self, samples: Samples) -> np.ndarray:
        wanted = self._scorable(samples)
        known = _sequence(self.name, samples).take(wanted)
        totals = known.counts.sum(axis=1, dtype=float)
        return spread_out(
            self.calibration_.sigma(self._largest(self._all_tests(known), totals), totals), wanted
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

    def _prepare(self) -> None:
        """What the tests need besides the drift that was learned."""

    @abstractmethod
    def _tests(self, counts: np.ndarray, expected: Expected) -> list[np.ndarray]:
        """Each test's own statistic (n,) of ``counts`` (n, cells), high = strange."""

    def _reasons(self, counts: np.ndarray, expected: Expected) -> list[list[Reason]]:
        """What drives the score of each of ``counts`` (n, cells), strongest first: its single bins."""
        columns = [{"bin": cell} for cell in range(counts.shape[1])]
        return [strongest(columns, row) for row in cell_sigma(counts, expected, self.drift_)]

    def _expected(self, samples: HistogramSequence) -> Expected:
        return expected_of(self.drift_, _not_negative(samples), samples.groups, samples.times, self.follow)

    def _all_tests(self, samples: HistogramSequence) -> list[np.ndarray]:
        return self._tests(_not_negative(samples), self._expected(samples))

    def _largest(self, tests: list[np.ndarray], totals: np.ndarray) -> np.ndarray:
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
