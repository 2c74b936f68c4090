"""Light curves cut out of epochs. No Django."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lightcurves.records import LightCurveRecord
from project.records import BadRow

from .epochs import Epochs

KEY = ("source", "band")
SAME = (*KEY, "time", "value", "error", "flag")  # what two rows share that are one epoch, written twice


def light_curves(epochs: Epochs, unit: str) -> Iterator[LightCurveRecord | BadRow]:
    """One light curve per source and band, in order of names; sorted by time, repeated epochs rejected."""
    if not len(epochs):
        return
    epochs = epochs[np.lexsort([epochs[name] for name in ("line", *reversed(SAME))])]
    repeated = np.concatenate([[False], _equal_to_previous(epochs, SAME)])
    for row in np.flatnonzero(repeated).tolist():
        yield BadRow(int(epochs["line"][row]), f"duplicate epoch: the same as line {epochs['line'][row - 1]}")
    epochs = epochs[~repeated]
    for source in _split(epochs, ("source",)):
        ra, dec = mean_position(source["ra"], source["dec"])
        for curve in _split(source, KEY):
            yield _record(curve, unit, ra, dec)


def _record(curve: Epochs, unit: str, ra: float | None, dec: float | None) -> LightCurveRecord:
    source, band = (bytes(curve[name][0]).decode() for name in KEY)
    time, value, error, flag = (
        np.ascontiguousarray(curve[name]) for name in ("time", "value", "error", "flag")
    )
    line = int(curve["line"].min())
    return LightCurveRecord(line, source, band, time, value, error, flag, unit, ra=ra, dec=dec)


def mean_position(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Mean direction (degrees), right across 0° and at the poles; None where no epoch has a position."""
    known = ~(np.isnan(ra) | np.isnan(dec))
    if not known.any():
        return None, None
    first_ra, first_dec = float(ra[known][0]), float(dec[known][0])
    if (ra[known] == first_ra).all() and (dec[known] == first_dec).all():
        return first_ra % 360, first_dec
    lon, lat = np.radians(ra[known]), np.radians(dec[known])
    x, y = (np.cos(lat) * np.cos(lon)).mean(), (np.cos(lat) * np.sin(lon)).mean()
    # The modulo twice: a tiny negative angle modulo 360 rounds to 360 itself.
    mean_ra = float(np.degrees(np.arctan2(y, x))) % 360 % 360
    return mean_ra, float(np.degrees(np.arctan2(np.sin(lat).mean(), np.hypot(x, y))))


def _split(epochs: Epochs, names: tuple[str, ...]) -> list[Epochs]:
    return np.split(epochs, np.flatnonzero(~_equal_to_previous(epochs, names)) + 1)


def _equal_to_previous(epochs: Epochs, names: tuple[str, ...]) -> NDArray[np.bool_]:
    equal = np.ones(max(len(epochs) - 1, 0), bool)
    for name in names:
        before, after = epochs[name][:-1], epochs[name][1:]
        same = before == after
        if before.dtype.kind == "f":
            same |= np.isnan(before) & np.isnan(after)
        equal &= same
    return equal
