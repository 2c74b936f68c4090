"""Numbers as people read them."""

import math
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template

from project.readable import SMALLEST, readable

register = template.Library()
EXACT = 1e15
"""Up to here a floating-point number holds every whole one."""


@register.filter
def grouped(value: Any) -> str:
    """A whole number in groups of three: 386,998."""
    return f"{value:,}" if isinstance(value, int | float) else "–"


@register.filter
def significant(value: Any, digits: int = 3) -> str:
    """A number with so many significant digits: 0.0502, 36,300, 3.67×10⁷; – where there is none."""
    return readable(value, digits) if isinstance(value, int | float) else "–"


@register.filter
def fixed(value: Any, digits: int) -> str:
    """A number with so many digits after the point, as ``floatformat`` writes it, which takes longer; – for none."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "–"
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return str(rounded if rounded else abs(rounded))


@register.filter
def seconds(value: Any) -> str:
    """A duration in s or ms."""
    if not isinstance(value, int | float):
        return "–"
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"


@register.filter
def percent(value: Any) -> str:
    return f"{100 * value:.0f} %" if isinstance(value, int | float) else ""


@register.filter
def share(value: Any) -> str:
    """A part of a whole in per cent with one decimal: 21.7 %; – where there is none."""
    return f"{100 * value:.1f} %" if isinstance(value, int | float) else "–"


@register.filter
def signed(value: Any, digits: int = 4) -> str:
    """A change, with its sign: +0.132, −1.3; – where there is none."""
    if not isinstance(value, int | float):
        return "–"
    return f"{'−' if value < 0 else '+'}{readable(abs(value), digits)}" if value else "0"


@register.filter
def shortly(value: Any) -> str:
    """A number with four significant digits; whole numbers and texts as they are."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if SMALLEST <= abs(value) < 1e4 or not value else readable(value, 4)


@register.filter
def lasting(value: Any) -> str:
    """A timedelta as people say it: 4.2 s, 3 min 05 s, 2 h 10 min; – where there is none."""
    if not isinstance(value, timedelta):
        return "–"
    whole = value.total_seconds()
    if whole < 60:
        return f"{whole:.1f} s"
    minutes, rest = divmod(round(whole), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


@register.filter
def bytes_of(value: Any) -> str:
    """A size in bytes with a decimal prefix: 24.1 MB."""
    if not isinstance(value, int | float):
        return "–"
    size = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


@register.filter
def grouped_or_text(value: Any) -> str:
    """A whole number in groups of three, whatever its type, a fraction with four digits, anything else as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if value == round(value, 0) and abs(value) < EXACT else f"{value:.4g}"
