"""Which samples can be scored at all: one answer for all detectors, to compare them on equal rows."""

import numpy as np

from project.samples import FIT, SCORE, HistogramSequence, Samples, Series, Together, score_index

MIN_PAST = 5
"""Finite values of a series that a time step needs before it."""

WHY_NOT = {
    "table": "a row with a missing or infinite value is not scored",
    "histograms": "an empty histogram, or one with a value that is not finite, is not scored",
    "together": "a lumisection none of whose histograms can be scored is not scored",
    "series": f"a time step without a value, or with fewer than {MIN_PAST} values before it, is not scored",
}
"""Why a score is NaN, by kind."""


def scorable(samples: Samples) -> np.ndarray:
    """Mask (n_scores,) of what can be scored."""
    return samples.notes.once("scorable", lambda: _scorable(samples))


def _scorable(samples: Samples) -> np.ndarray:
    if isinstance(samples, Series):
        return _scorable_steps(samples)
    if isinstance(samples, Together):
        can = [
            np.append(scorable(element), False)[rows]
            for element, rows in zip(samples.elements, samples.rows, strict=True)
        ]
        return np.asarray(np.any(can, axis=0))
    if isinstance(samples, HistogramSequence):
        # A sum is not finite as soon as one summand is not.
        totals = samples.counts.sum(axis=1, dtype=float)
        return np.asarray(np.isfinite(totals) & (totals > 0))
    return np.asarray(np.isfinite(samples.X).all(axis=1))


def _scorable_steps(samples: Series) -> np.ndarray:
    finite = np.isfinite(samples.values)
    before = np.cumsum(finite) - finite
    at_start = np.repeat(np.append(before, 0)[samples.offsets[:-1]], samples.lengths)
    return np.asarray(finite & (before - at_start >= MIN_PAST))


def sizes(samples: Samples) -> tuple[int, int]:
    """How many rows (histograms, time steps) a trial fits on and scores."""
    fit, score = (samples.roles & role > 0 for role in (FIT, SCORE))
    return len(score_index(samples, fit)), len(score_index(samples, score))
