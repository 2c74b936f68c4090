"""Angles as catalogues write them. No Django."""

import re
from math import isfinite

POSITION_UNITS = ("deg", "hour", "sexagesimal")
PARTS = re.compile(r"([+-]?)(\d{1,3})[:hd° ]+(\d{1,2})[:m' ]+(\d{1,2}(?:\.\d*)?)[s\" ]*", re.ASCII)


def parse_angle(text: str, *, hours: bool, sexagesimal: bool) -> float:
    """Degrees; ``sexagesimal`` is ``-00:30:15.2`` or ``12h34m56s``. ValueError where it is no angle."""
    unit = 15.0 if hours else 1.0
    if not sexagesimal:
        try:
            angle = float(text) * unit
        except ValueError:
            angle = float("nan")
        if not isfinite(angle):
            raise ValueError(f"{text[:40]!r} is not an angle in {'hours' if hours else 'degrees'}")
        return angle
    parts = PARTS.fullmatch(text)
    if parts is None or int(parts[3]) > 59 or float(parts[4]) >= 60:
        raise ValueError(f"{text[:40]!r} is not an angle like {'12:34:56.7' if hours else '-01:23:45'}")
    # The sign stands for the whole angle: -00:30 is not +00:30.
    angle = unit * (int(parts[2]) + int(parts[3]) / 60 + float(parts[4]) / 3600)
    return -angle if parts[1] == "-" else angle
