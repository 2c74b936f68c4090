"""Places on the sky as pages write them: to the last digit."""

from typing import Any

from django import template

from lightcurves.sky import sexagesimal

register = template.Library()
ANGLE_DIGITS = 15


@register.filter
def exactly(value: Any) -> str:
    """The shortest decimal that names this number; – where there is none."""
    return repr(value) if isinstance(value, int | float) else "–"


@register.filter
def coordinate(angle: Any) -> str:
    """An angle in degrees to the tenth of a microarcsecond: what is beyond, converting from hours made up."""
    return f"{angle:.{ANGLE_DIGITS}g}" if isinstance(angle, int | float) else "–"


@register.filter
def hours(ra: Any) -> str:
    return sexagesimal.hours(ra) if isinstance(ra, int | float) else ""


@register.filter
def degrees(dec: Any) -> str:
    return sexagesimal.degrees(dec) if isinstance(dec, int | float) else ""


@register.filter
def arcsec(value: Any) -> str:
    """A separation in arcseconds, to the milliarcsecond and from a degree on in degrees."""
    if not isinstance(value, int | float):
        return "–"
    return f"{value / 3600:.5f}°" if value >= 3600 else f"{value:.3f}″"


@register.filter
def attribute(attributes: Any, name: str) -> Any:
    """What a source's attribute says, – where it has none of that name."""
    value = attributes.get(name) if isinstance(attributes, dict) else None
    return "–" if value is None else repr(value) if isinstance(value, float) else value
