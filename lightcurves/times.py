"""Times as they come in, and as they are kept: MJD (UTC), days, float64. No Django.

Heliocentric and barycentric times can be undone only where the source's position is known; the Earth's centre
stands for the observatory, which is wrong by at most 21 ms. Needs pyerfa, and only for what is not plain UTC.
"""

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SYSTEMS = ("mjd", "jd", "hjd", "bjd", "unix", "iso")
SCALES = ("utc", "tai", "tt", "tdb")
CENTRES = {"hjd": "heliocentric", "bjd": "barycentric"}

JD_OF_MJD = 2_400_000.5
MJD_OF_UNIX = 40_587.0
DAY = 86_400.0  # seconds
AU_LIGHT_TIME = 499.004_783_836  # seconds
TT_MINUS_TAI = 32.184  # seconds

FIRST_MJD, LAST_MJD = 15_020.0, 88_069.0  # 1900-01-01 to 2100-01-01: photometry, and ERFA's ephemeris


@dataclass(frozen=True)
class TimeSystem:
    """How the times of a file count: the system, the scale ("" = the usual one), and an offset added first.

    ``offset`` is in the file's own unit: 2450000 for "JD − 2450000", 2454833 for Kepler, 2457000 for TESS.
    """

    system: str = "mjd"
    scale: str = ""
    offset: float = 0.0

    def __post_init__(self) -> None:
        if self.system not in SYSTEMS:
            raise ValueError(f"time system {self.system!r} is none of {', '.join(SYSTEMS)}")
        if self.scale not in ("", *SCALES):
            raise ValueError(f"time scale {self.scale!r} is none of {', '.join(SCALES)}")
        if self.system in ("unix", "iso") and self.scale not in ("", "utc"):
            raise ValueError(f"{self.system} times are UTC, not {self.scale}")

    @property
    def usual_scale(self) -> str:
        return self.scale or ("tdb" if self.system == "bjd" else "utc")

    @property
    def centre(self) -> str:
        """``heliocentric``, ``barycentric`` or "" for times as the observer's clock showed them."""
        return CENTRES.get(self.system, "")

    def to_mjd(self, time: Floats, ra: Floats | None = None, dec: Floats | None = None) -> Floats:
        """MJD (UTC) at the Earth; without positions (degrees) a heliocentric time stays at the Sun."""
        if self.system in ("unix", "iso"):
            return (time + self.offset) / DAY + MJD_OF_UNIX
        # One subtraction of two large numbers before the small one is added: keeps microseconds.
        mjd = time + (self.offset - (0.0 if self.system == "mjd" else JD_OF_MJD))
        if self.centre and ra is not None and dec is not None:
            mjd = mjd_at_earth(mjd, ra, dec, self.centre)
        return to_utc(mjd, self.usual_scale)

    def note(self, located: bool) -> str:
        """What was done to the times, for the record of the file."""
        given = f"{self.system.upper()} ({self.usual_scale.upper()})"
        given += f" with {self.offset:+g} added" if self.offset else ""
        if self.centre and not located:
            return f"{given} − {JD_OF_MJD}, in UTC but still {self.centre}: up to 8.4 min off"
        return f"{given} converted to MJD (UTC)" + (", at the Earth's centre" if self.centre else "")


def parse_iso(text: str) -> float:
    """Seconds since 1970 (UTC) of an ISO 8601 time; one without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def plausible(mjd: Floats) -> NDArray[np.bool_]:
    """Whether each MJD lies between the years 1900 and 2100; NaN does not."""
    return (mjd >= FIRST_MJD) & (mjd <= LAST_MJD)


def likely_mistake(time: float) -> str:
    """What a number that is no date in the stated system probably is."""
    guesses = (
        (1e12, "Unix milliseconds"),
        (1e8, "Unix seconds: time_system=unix"),
        (JD_OF_MJD + FIRST_MJD, "a Julian date: time_system=jd"),
        (LAST_MJD, "days or seconds of another clock: see time_system and time_offset"),
        (FIRST_MJD, "a modified Julian date: time_system=mjd"),
    )
    guess = (text for least, text in guesses if time >= least)
    return next(guess, "days since a later zero: state it as time_offset")


def to_utc(mjd: Floats, scale: str) -> Floats:
    """MJD in ``scale`` as MJD (UTC)."""
    if scale == "utc":
        return mjd
    import erfa

    sane = np.where(plausible(mjd), mjd, FIRST_MJD)
    with warnings.catch_warnings():
        # UTC before 1960 is not defined, after the last leap second a forecast: both are good to a second.
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        tai = sane
        if scale == "tdb":
            tai = tai - erfa.dtdb(JD_OF_MJD, sane, 0.0, 0.0, 0.0, 0.0) / DAY
        if scale in ("tdb", "tt"):
            tai = tai - TT_MINUS_TAI / DAY
        day, fraction = erfa.taiutc(JD_OF_MJD, tai)
    return np.where(plausible(mjd), day - JD_OF_MJD + fraction, mjd)


def mjd_at_earth(mjd: Floats, ra: Floats, dec: Floats, centre: str) -> Floats:
    """Undo the light travel time from the Earth's centre to the Sun or the barycentre."""
    earth = mjd
    for _ in range(2):  # The delay changes by 0.1 s in the 8 min it takes: one correction of it is enough.
        earth = mjd - light_travel_time(earth, ra, dec, centre) / DAY
    return np.where(plausible(mjd), earth, mjd)


def light_travel_time(mjd: Floats, ra: Floats, dec: Floats, centre: str) -> Floats:
    """Seconds by which light from ``ra``, ``dec`` (degrees) reaches the Earth before the centre."""
    import erfa

    heliocentric, barycentric = erfa.epv00(JD_OF_MJD, np.where(plausible(mjd), mjd, FIRST_MJD))
    earth = (heliocentric if centre == "heliocentric" else barycentric)["p"]
    direction = erfa.s2c(np.radians(ra), np.radians(dec))
    return np.asarray((earth * direction).sum(axis=-1) * AU_LIGHT_TIME)
