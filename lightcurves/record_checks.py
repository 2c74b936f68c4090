"""What a record must be before it may be stored, and how far apart two positions are. No Django."""

from math import asin, cos, degrees, hypot, isfinite, radians, sin

import numpy as np

from lightcurves.records import LightCurveRecord, SourceRecord

LONGEST = 200  # characters of a source's name
SHORT = 32  # characters of a band, a season, a unit
TOLERANCE = 1.0  # arcsec: positions of one source may differ by so much between files
VECTORS = ("time", "value", "error", "flag")

Position = tuple[float | None, ...]


def check_source(record: SourceRecord) -> None:
    """ValueError, with the reason, for a record that is no source. Its attributes are looked at as JSON."""
    check_name(record.name)
    check_position(record.ra, record.dec)
    if record.mag is not None and not isfinite(record.mag):
        raise ValueError(f"the magnitude {record.mag} is not finite")


def check_name(name: str) -> None:
    """ValueError where no source can be called so."""
    if not name or len(name) > LONGEST:
        raise ValueError(f"a name of {len(name)} characters, expected 1 to {LONGEST}")
    if not name.isprintable():
        raise ValueError(f"the name {name[:40]!r} holds a control character")


def check_position(ra: float | None, dec: float | None) -> None:
    """ValueError unless both are missing or they are degrees on the sky."""
    if ra is None and dec is None:
        return
    if ra is None or dec is None or not (0 <= ra < 360 and -90 <= dec <= 90):
        raise ValueError(f"no position: ra {ra}, dec {dec} (degrees)")


def check_curve(record: LightCurveRecord) -> None:
    """ValueError unless the record is what its docstring promises."""
    check_name(record.source)
    check_position(record.ra, record.dec)
    for what in ("band", "season", "unit"):
        text = getattr(record, what)
        if len(text) > SHORT or ":" in text or not text.isprintable():
            raise ValueError(
                f"{what} {text!r}: at most {SHORT} characters, no colon and no control character"
            )
    if not len(record.time):
        raise ValueError("a light curve without a point")
    if len({len(getattr(record, name)) for name in VECTORS}) > 1:
        raise ValueError("time, value, error and flag differ in length")
    if not (np.isfinite(record.time).all() and np.isfinite(record.value).all()):
        raise ValueError("a time or a value is not finite")
    if (np.diff(record.time) < 0).any():
        raise ValueError("the times are not sorted")


def distance(a: Position, b: Position) -> float:
    """Arcseconds between two positions (ra, dec in degrees) anywhere on the sky; 0 where one is unknown."""
    degrees_of = [angle for angle in (*a, *b) if angle is not None]
    if len(degrees_of) < 4:
        return 0.0
    ra, dec, other_ra, other_dec = map(radians, degrees_of)
    across = sin((other_ra - ra) / 2) * (cos(dec) * cos(other_dec)) ** 0.5
    return degrees(2 * asin(min(1.0, hypot(sin((other_dec - dec) / 2), across)))) * 3600
