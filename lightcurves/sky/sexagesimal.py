"""Angles in hours or degrees, minutes and seconds, to a microarcsecond. No Django.

That is finer than any catalogue, and leaves out what a double adds behind its last decimal; the decimal form shows
every digit.
"""

from decimal import Context, Decimal

EXACT = Context(prec=60)
DAY = 86_400
SECONDS, ARCSECONDS = Decimal("1e-7"), Decimal("1e-6")


def hours(ra: float) -> str:
    """A right ascension in degrees as ``05h01m43.608s``."""
    whole, minutes, seconds = _parts(EXACT.multiply(Decimal(repr(ra)), 240).quantize(SECONDS) % DAY)
    return f"{whole:02}h{minutes:02}m{seconds}s"


def degrees(dec: float) -> str:
    """A declination in degrees as ``-69d10m15.6s``."""
    exact = Decimal(repr(dec))
    whole, minutes, seconds = _parts(EXACT.multiply(abs(exact), 3600).quantize(ARCSECONDS))
    return f"{'-' if exact.is_signed() else '+'}{whole:02}d{minutes:02}m{seconds}s"


def _parts(seconds: Decimal) -> tuple[int, int, str]:
    minutes, rest = EXACT.divmod(seconds, 60)
    whole, left = divmod(int(minutes), 60)
    text = f"{rest:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return whole, left, text if rest >= 10 else f"0{text}"
