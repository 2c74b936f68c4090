"""Names and settings as people read them."""

import re
from datetime import datetime
from decimal import ROUND_FLOOR, Context
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from project.templatetags.numbers import shortly

register = template.Library()
PIECES = re.compile(r"(?<=[/:])(?=[^/:])|(?<=_)(?=[^/_:]{4})")
SENTENCES = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")


@register.filter
def breakable(name: Any) -> SafeString:
    """A long name that may go on in the next line after ``/``, ``_`` and ``:``, rather than inside a word."""
    return mark_safe("<wbr>".join(map(escape, PIECES.split(str(name)))))  # noqa: S308  every piece is escaped


@register.filter
def shortened(text: Any, most: int) -> str:
    """At most so many characters; ``truncatechars`` looks at each of them, also where there are few enough."""
    text = str(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


@register.filter(expects_localtime=True)
def when(moment: Any) -> SafeString:
    """A time to the minute, to the second where one points at it; nothing where there is none."""
    if not isinstance(moment, datetime):
        return SafeString("")
    exact = moment.isoformat()
    day, time = exact[:10], exact[11:19]
    # Digits and punctuation of ours: nothing to escape.
    return SafeString(f'<time datetime="{exact}" title="{day} {time} UTC">{day} {time[:5]}</time>')


@register.filter(expects_localtime=True)
def to_the_second(moment: Any) -> SafeString:
    """A time to the second; – where there is none."""
    if not isinstance(moment, datetime):
        return SafeString("–")
    exact = moment.isoformat()
    return SafeString(f'<time datetime="{exact}">{exact[:10]} {exact[11:19]}</time>')


@register.filter
def settings(values: Any) -> str:
    """Parameters in one line: ``k = 10, causal = yes``."""
    return ", ".join(f"{name} = {plainly(value)}" for name, value in dict(values or {}).items())


@register.filter
def plainly(value: Any) -> str:
    """A value of a JSON field in words: lists with commas, objects as ``name: value; …``."""
    if value is None or value in ("", [], {}):
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(plainly(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{str(name).replace('_', ' ')}: {plainly(one)}" for name, one in value.items())
    return str(shortly(value))


@register.filter
def sentences(text: Any, most: int) -> str:
    """The first sentences of a text."""
    return " ".join(SENTENCES.split(str(text or ""))[:most])


@register.filter
def floored(value: Any, digits: int = 6) -> Any:
    """A number with few digits that is never above it: what reaches it still does."""
    if not isinstance(value, int | float):
        return value
    return repr(float(Context(prec=digits, rounding=ROUND_FLOOR).create_decimal_from_float(float(value))))
