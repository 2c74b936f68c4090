"""Brightness as it comes in, and as it is kept: microjansky (AB) where a zero point is known. No Django."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AB_OF_MICROJANSKY = 23.9  # AB magnitude of 1 µJy
MICROJANSKY = {"njy": 1e-3, "ujy": 1.0, "mjy": 1e3, "jy": 1e6}
MAGNITUDES = ("mag", "abmag")
RELATIVE = np.log(10) / 2.5  # relative error of the flux per magnitude of error


@dataclass(frozen=True)
class Photometry:
    """``unit`` of the file and, for ``mag`` or counts, the zero point that turns it into AB.

    For ``mag``: the magnitudes to add to reach AB (0 if they are AB, the same as unit ``abmag``). For a unit
    that is no flux density (``adu``): the AB magnitude of one unit. Without it values keep their own unit.
    """

    unit: str
    zero_point: float | None = None

    def __post_init__(self) -> None:
        if not self.unit:
            raise ValueError("the unit of the values must be stated: abmag, mag, uJy, mJy, Jy, nJy, adu, …")
        if self.zero_point is not None and (self._key in MICROJANSKY or self._key == "abmag"):
            raise ValueError(f"values in {self.unit} need no zero point")

    @property
    def _key(self) -> str:
        return self.unit.lower()

    @property
    def kept_unit(self) -> str:
        """The unit of what ``convert`` gives: ``uJy``, ``mag`` or the file's own."""
        if self._key in MICROJANSKY or self._key == "abmag" or self.zero_point is not None:
            return "uJy"
        return "mag" if self._key == "mag" else self.unit

    def convert(self, value: Floats, error: Floats) -> tuple[Floats, Floats]:
        """Values and errors (one standard deviation, to first order) in ``kept_unit``."""
        if self.kept_unit != "uJy":
            return value, error
        with np.errstate(over="ignore"):
            zero = AB_OF_MICROJANSKY - (self.zero_point or 0.0)
            if self._key in MAGNITUDES:
                flux = 10 ** (0.4 * (zero - value))
                return flux, flux * error * RELATIVE
            factor = MICROJANSKY.get(self._key) or 10 ** (0.4 * zero)
            return value * factor, error * factor
