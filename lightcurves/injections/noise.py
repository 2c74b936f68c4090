"""The noise of a series, as far as one knows it."""

import numpy as np

MAD_TO_SIGMA = 1.4826


def noise_of(values: np.ndarray, errors: np.ndarray | None) -> np.ndarray:
    """One standard deviation of the noise at each step, always positive: (T,).

    The measured error where there is one. Elsewhere the scatter from one step to the next, 1.4826 MAD of the
    differences divided by √2: slow variation of the source does not enter, an outlier neither. A series that
    mostly stands still has none; there the standard deviation is taken, and for a constant series 1 % of its
    level, or 1 when that is 0.
    """
    known = np.zeros(len(values)) if errors is None else np.asarray(errors, dtype=float)
    measured = np.isfinite(known) & (known > 0)
    return np.where(measured, known, 1.0 if measured.all() else _scatter(values[np.isfinite(values)]))


def _scatter(values: np.ndarray) -> float:
    if len(values) < 2:
        return 1.0
    steps = np.diff(values)
    level = abs(float(np.median(values)))
    candidates = (
        MAD_TO_SIGMA * float(np.median(np.abs(steps - np.median(steps)))) / np.sqrt(2),
        float(np.std(values)),
        0.01 * level,
    )
    # Rounding leaves a constant series a standard deviation of about 1e-16 of its level.
    return next((sigma for sigma in candidates if sigma > 1e-12 * level), 1.0)
