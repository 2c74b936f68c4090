"""Numbers as people read them."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def grouped(value: Any) -> str:
    """A whole number in groups of three: 386,998."""
    return f"{value:,}" if isinstance(value, int | float) else "–"


@register.filter
def significant(value: Any, digits: int = 3) -> str:
    """A number with so many significant digits and no exponent from 0.0001 on; – where there is none."""
    if not isinstance(value, int | float):
        return "–"
    if not value:
        return "0"
    text = f"{value:#.{digits}g}"
    return f"{value:.{digits - 1}e}" if "e" in text else text.rstrip(".")


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
def shortly(value: Any) -> str:
    """A number with four significant digits; whole numbers and texts as they are."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
