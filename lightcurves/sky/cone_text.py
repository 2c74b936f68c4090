"""A cone as people type it: a position, and how far around it. No Django."""

import re

from lightcurves.sky.geometry import ARCSEC, Cone

DEFAULT_RADIUS = 30 / ARCSEC
"""Degrees: what is meant where only a position was typed."""
EXAMPLES = "80.89 -69.75 30\", 5h23m34s -69d45m or 05:23:34 -69:45:00 2'"
LONGEST = 200

NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
EXACT = rf"{NUMBER}(?:e[+-]?\d{{1,3}})?"
SPLIT = r"(?:\s*,\s*|\s+)"
RA = (
    rf"(?P<h>\d{{1,3}})\s*h\s*(?:(?P<hm>{NUMBER})\s*m\s*)?(?:(?P<hs>{NUMBER})\s*s)?"
    rf"|(?P<ch>\d{{1,3}}):(?P<cm>\d{{1,2}})(?::(?P<cs>{NUMBER}))?"
    rf"|(?P<ra>[+-]?{EXACT})\s*(?:deg|d)?"
)
DEC = (
    rf"(?P<dsign>[+-]?)(?P<d>\d{{1,3}})(?:\s*d\s*(?P<dm>{NUMBER})\s*m(?:\s*(?P<ds>{NUMBER})\s*s)?"
    # Without blanks inside: in 69d45' 30" the seconds are the radius.
    rf"|d(?P<qm>{NUMBER})'(?:(?P<qs>{NUMBER})(?:\"|''))?"
    rf"|:(?P<em>\d{{1,2}})(?::(?P<es>{NUMBER}))?)"
    rf"|(?P<dec>[+-]?{EXACT})\s*(?:deg|d)?"
)
RADIUS = rf"(?P<radius>[+-]?{EXACT})\s*(?P<unit>[a-z]+|''|[\"'])?"
CONE = re.compile(rf"(?:{RA}){SPLIT}(?:{DEC})(?:{SPLIT}{RADIUS})?", re.ASCII)
SPACED = re.compile(
    rf"(\d{{1,2}}){SPLIT}(\d{{1,2}}){SPLIT}({NUMBER}){SPLIT}([+-]?\d{{1,2}}){SPLIT}(\d{{1,2}}){SPLIT}({NUMBER})"
    r"(?P<rest>[\s,].*)?",
    re.ASCII,
)
PRIMES = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "′": "'",
        "’": "'",
        "ʹ": "'",
        "″": '"',
        "”": '"',
        "ʺ": '"',
        "°": "d",
        "ʰ": "h",
        "ᵐ": "m",
        "ˢ": "s",
    }
)
UNITS = {
    **dict.fromkeys(('"', "''", "as", "asec", "arcsec", "arcsecs", "arcsecond", "arcseconds"), ARCSEC),
    **dict.fromkeys(("'", "am", "amin", "arcmin", "arcmins", "arcminute", "arcminutes"), 60.0),
    **dict.fromkeys(("d", "deg", "degs", "degree", "degrees"), 1.0),
}


def parse_cone(text: str) -> Cone:
    """The cone that ``text`` says, ``DEFAULT_RADIUS`` wide where it names no radius; ValueError with the reason.

    Decimal degrees are taken to the last digit. A radius needs a unit: a bare number is arcseconds to one, degrees
    to another.
    """
    match = _match(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is no place on the sky: write {EXAMPLES}")
    return Cone(_ra(match), _dec(match), _radius(match))


def looks_like_cone(text: str) -> bool:
    """Whether two angles were typed, so that an error of ``parse_cone`` is worth showing."""
    return _match(text) is not None


def cone_text(cone: Cone) -> str:
    """A short text that ``parse_cone`` reads as exactly this cone."""
    arcsec = f"{cone.radius * ARCSEC:.10g}"
    radius = f'{arcsec}"' if float(arcsec) / ARCSEC == cone.radius else f"{cone.radius!r}d"
    return f"{cone.ra!r} {cone.dec!r} {radius}"


def _match(text: str) -> re.Match[str] | None:
    plain = text.translate(PRIMES).strip().lower()
    if len(plain) > LONGEST:
        return None
    if spaced := SPACED.fullmatch(plain):
        *parts, rest = spaced.groups()
        plain = ":".join(parts[:3]) + " " + ":".join(parts[3:]) + (rest or "")
    return CONE.fullmatch(plain)


def _ra(match: re.Match[str]) -> float:
    if match["ra"]:
        return float(match["ra"])
    hours = int(match["h"] or match["ch"])
    if hours >= 24:
        raise ValueError(f"RA of {hours} hours: a day has 24")
    return 15 * _seconds("RA", hours, match["hm"] or match["cm"], match["hs"] or match["cs"]) / 3600


def _dec(match: re.Match[str]) -> float:
    if match["dec"]:
        return float(match["dec"])
    minutes, seconds = (match[f"d{part}"] or match[f"q{part}"] or match[f"e{part}"] for part in "ms")
    angle = _seconds("Dec", int(match["d"]), minutes, seconds) / 3600
    # The sign stands for the whole angle: -00:30 is not +00:30.
    return -angle if match["dsign"] == "-" else angle


def _seconds(what: str, first: int, minutes: str | None, seconds: str | None) -> float:
    """An hour or a degree and its parts, all in seconds: one division later rounds once."""
    parts = {"minutes": float(minutes or 0), "seconds": float(seconds or 0)}
    for name, value in parts.items():
        if value >= 60:
            raise ValueError(f"{what} with {value:g} {name}: fewer than 60 are possible")
    return first * 3600 + parts["minutes"] * 60 + parts["seconds"]


def _radius(match: re.Match[str]) -> float:
    if match["radius"] is None:
        return DEFAULT_RADIUS
    if match["unit"] not in UNITS:
        typed = f"{match['radius']}{match['unit'] or ''}"
        raise ValueError(f"radius {typed}: give it a unit, \" (arcsec), ' (arcmin) or d (degrees)")
    return float(match["radius"]) / UNITS[match["unit"]]
