"""Query parameters of the API, parsed strictly: a wrong one is an error with its reason, never ignored.

A filter on another table (an element's name, a run's number) is resolved to ids there, before the big table
is touched.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from rest_framework.exceptions import ValidationError

WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
NUMERIC = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
BIGGEST = 2**63 - 1
MOST_VALUES = 1000
MOST_QUOTED = 100
EXACT, NAMES, RANGE = ("",), ("", "in"), ("", "gte", "lte", "in")


@dataclass(frozen=True)
class Kind:
    """How a value is read; ``parse`` raises ValueError with the reason. ``schema`` is its OpenAPI type."""

    parse: Callable[[str], Any]
    schema: Mapping[str, Any]


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text) or abs(int(text)) > BIGGEST:
        raise ValueError(f"{shortened(text)} is not a whole number")
    return int(text)


def natural(text: str, lowest: int, highest: int = BIGGEST) -> int:
    """A whole number from ``lowest`` to ``highest``; raises ValueError with the reason."""
    if not WHOLE.fullmatch(text) or not lowest <= int(text) <= highest:
        raise ValueError(f"a whole number from {lowest} to {highest}, not {shortened(text)}")
    return int(text)


def _number(text: str) -> float:
    value = float(text) if NUMERIC.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise ValueError(f"{shortened(text)} is not a finite number")
    return value


def shortened(text: str) -> str:
    """A wrong value as its error quotes it."""
    return repr(text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…")


def _text(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("a text of at least one character, without NUL, is needed")
    return text


def _moment(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{shortened(text)} is not a time such as 2018-05-01T12:00:00Z") from None


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{shortened(text)} is neither true nor false")
    return text == "true"


WHOLE_NUMBER = {"type": "integer", "minimum": -BIGGEST, "maximum": BIGGEST}
WITHOUT_COMMA = r"^[^\x00,]+$"
INTEGER = Kind(_whole, WHOLE_NUMBER)
NUMBER = Kind(_number, {"type": "number"})
TEXT = Kind(_text, {"type": "string", "minLength": 1, "pattern": r"^[^\x00]+$"})
MOMENT = Kind(_moment, {"type": "string", "format": "date-time"})
TRUTH = Kind(_truth, {"type": "boolean"})


def one_of(*allowed: str) -> Kind:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{shortened(text)} is not one of {', '.join(allowed)}")
        return text

    return Kind(parse, {"type": "string", "enum": list(allowed)})


@dataclass(frozen=True)
class Filter:
    """A parameter and its lookups. ``path`` is of the own table, or of ``via``: its ids narrow ``column``."""

    path: str
    kind: Kind = TEXT
    lookups: tuple[str, ...] = NAMES
    column: str = ""
    via: type[Model] | None = None


@dataclass(frozen=True)
class Parameter:
    """One query parameter as it may be written: ``run__gte`` is the lookup ``gte`` of the filter ``run``."""

    name: str
    lookup: str
    filter: Filter

    def parse(self, text: str) -> Any:
        if self.lookup != "in":
            return self.filter.kind.parse(text)
        parts = text.split(",")
        if len(parts) > MOST_VALUES:
            raise ValueError(f"{len(parts)} values, at most {MOST_VALUES} are allowed")
        return [self.filter.kind.parse(part) for part in parts]

    @property
    def term(self) -> str:
        return f"{self.filter.path}__{self.lookup}" if self.lookup else self.filter.path


def parameters(filters: Mapping[str, Filter]) -> Iterator[Parameter]:
    """Every parameter that these filters allow."""
    for name, filter_ in filters.items():
        for lookup in filter_.lookups:
            yield Parameter(f"{name}__{lookup}" if lookup else name, lookup, filter_)


def read_strictly(params: Any, known: Mapping[str, Parameter]) -> dict[str, Any]:
    """The values of ``params`` (a QueryDict) by name; raises ValidationError with a reason per wrong parameter."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, given in params.lists():
        try:
            if name not in known:
                raise ValueError(f"unknown parameter; there is {', '.join(known)}")
            if len(given) > 1:
                raise ValueError("given more than once")
            values[name] = known[name].parse(given[0])
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        raise ValidationError(errors)
    return values
