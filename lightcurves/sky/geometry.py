"""Cones on the sky and how far apart two places are: everything in degrees (ICRS). No Django."""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, hypot, isfinite, radians, sin

import numpy as np

ARCSEC = 3600.0
"""In a degree."""
ZONES_PER_DEGREE = 12.0
"""Zones of declination, 5 arcmin each, counted from the south pole: what the index of sources begins with."""
MARGIN = 1e-6
"""Degrees by which a search looks further than asked, so that no rounding loses a source."""


@dataclass(frozen=True)
class Cone:
    """Everything at most ``radius`` away from a place; ValueError where it is not on the sky."""

    ra: float
    dec: float
    radius: float

    def __post_init__(self) -> None:
        if not (isfinite(self.ra) and 0 <= self.ra < 360):
            raise ValueError(f"RA {self.ra!r}° is not between 0 and 360 degrees")
        if not (isfinite(self.dec) and -90 <= self.dec <= 90):
            raise ValueError(f"Dec {self.dec!r}° is not between -90 and 90 degrees")
        if not (isfinite(self.radius) and 0 < self.radius <= 180):
            raise ValueError(
                f"a radius of {self.radius!r}°: more than 0 and at most 180 degrees are possible"
            )

    @property
    def dec_range(self) -> tuple[float, float]:
        """Declinations it touches, and ``MARGIN`` more."""
        reach = self.radius + MARGIN
        return max(self.dec - reach, -90.0), min(self.dec + reach, 90.0)

    @property
    def zone_range(self) -> tuple[int, int]:
        """First and last zone it touches."""
        low, high = self.dec_range
        return zone_of(low), zone_of(high)

    @property
    def ra_ranges(self) -> tuple[tuple[float, float], ...]:
        """Right ascensions it touches, and ``MARGIN`` more: two ranges across 0, none where it is all of them."""
        reach = self.radius + MARGIN
        if abs(self.dec) + reach >= 90:
            return ()
        half = degrees(asin(min(1.0, sin(radians(reach)) / cos(radians(self.dec)))))
        low, high = self.ra - half, self.ra + half
        if low < 0:
            return (0.0, high), (low + 360, 360.0)
        if high >= 360:
            return (0.0, high - 360), (low, 360.0)
        return ((low, high),)


def zone_of(dec: float) -> int:
    return int((dec + 90.0) * ZONES_PER_DEGREE)


def separation(ra: float, dec: float, ra0: float, dec0: float) -> float:
    """Degrees between two places.

    Vincenty's formula, its difference of products written so that the closest pairs keep all their digits;
    good at the antipodes, the poles and across RA 0 too.
    """
    across, south, north = radians(ra - ra0), radians(dec0), radians(dec)
    half, cos_north, sin_south = sin(across / 2), cos(north), sin(south)
    along = sin(north - south) + 2 * sin_south * cos_north * half * half
    inward = sin_south * sin(north) + cos(south) * cos_north * cos(across)
    return degrees(atan2(hypot(cos_north * sin(across), along), inward))


def separations(ra: np.ndarray, dec: np.ndarray, ra0: float, dec0: float) -> np.ndarray:
    """``separation`` of many places from one."""
    across, south, north = np.radians(ra - ra0), radians(dec0), np.radians(dec)
    half, cos_north, sin_south = np.sin(across / 2), np.cos(north), sin(south)
    along = np.sin(north - south) + 2 * sin_south * cos_north * half * half
    inward = sin_south * np.sin(north) + cos(south) * cos_north * np.cos(across)
    return np.degrees(np.arctan2(np.hypot(cos_north * np.sin(across), along), inward))
