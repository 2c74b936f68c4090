"""Sources and light curves as surveys yield them. No Django."""

from typing import NamedTuple

import numpy as np


class SourceRecord(NamedTuple):
    """A thing in the sky or a machine. ``ra``, ``dec`` in degrees (ICRS), None for machines; ``mag`` mean magnitude.

    ``attributes`` holds what else the catalogue says, missing values left out; values are str, int or finite float.
    """

    line: int
    name: str
    ra: float | None
    dec: float | None
    mag: float | None = None
    attributes: dict = {}  # noqa: RUF012  a NamedTuple default, never changed


class LightCurveRecord(NamedTuple):
    """One quantity of one source in one band, sorted by time.

    ``time`` MJD (UTC) float64; ``value``, ``error`` float64 in ``unit`` (``uJy`` where a zero point is known, else
    ``mag`` or the series' own), ``error`` one standard deviation or NaN; ``flag`` uint8/16/32, 0 = good.
    """

    line: int
    source: str
    band: str
    time: np.ndarray
    value: np.ndarray
    error: np.ndarray
    flag: np.ndarray
    unit: str
    season: str = ""
    ra: float | None = None
    dec: float | None = None
