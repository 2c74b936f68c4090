"""A detector's parameters, read from the signature of its ``__init__``: names, types, defaults, limits."""

import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

Limits = Mapping[str, tuple[float, float]]


class Param(NamedTuple):
    """One keyword of a detector. ``types`` empty: any plain value; ``minimum``, ``maximum`` inclusive."""

    name: str
    types: tuple[type, ...]
    default: Any
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def describe(self) -> dict[str, Any]:
        """The parameter as plain values, for the API and the pages."""
        names = [kind.__name__ for kind in self.types if kind is not type(None)]
        return {
            "name": self.name,
            "type": " or ".join(names) or "any",
            "optional": type(None) in self.types or not self.types,
            "default": self.default if _is_plain(self.default) else repr(self.default),
            "choices": list(self.choices),
            "minimum": self.minimum,
            "maximum": self.maximum,
        }

    def problem(self, value: Any) -> str | None:
        """What is wrong with ``value`` for this parameter, or None."""
        if self.choices and value not in self.choices:
            return f"{self.name} is one of {', '.join(map(repr, self.choices))}, not {value!r}"
        if not _fits(value, self.types):
            return f"{self.name} is {self.describe()['type']}, not {value!r}"
        if isinstance(value, float) and not math.isfinite(value):
            return f"{self.name} is a finite number, not {value!r}"
        return self._out_of_limits(value)

    def _out_of_limits(self, value: Any) -> str | None:
        if self.minimum is None or self.maximum is None or not isinstance(value, int | float):
            return None
        if self.minimum <= value <= self.maximum:
            return None
        return f"{self.name} is between {self.minimum:g} and {self.maximum:g}, not {value!r}"


def parameters_of(function: Callable[..., Any], limits: Limits | None = None) -> dict[str, Param]:
    """The keywords of ``function``, by name; without annotations any plain value is accepted."""
    hints = typing.get_type_hints(function)
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self" or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        accepted, choices = _accepted(hints.get(name))
        low, high = (limits or {}).get(name, (None, None))
        found[name] = Param(name, accepted, parameter.default, choices, low, high)
    return found


def _accepted(hint: Any) -> tuple[tuple[type, ...], tuple[Any, ...]]:
    """Types and choices that a type hint allows; none of either where it says nothing."""
    if typing.get_origin(hint) is Literal:
        choices = typing.get_args(hint)
        return tuple(dict.fromkeys(map(type, choices))), choices
    members = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return tuple(member for member in members if isinstance(member, type) and member is not Any), ()


def _fits(value: Any, accepted: tuple[type, ...]) -> bool:
    if not accepted:
        return _is_plain(value)
    # True is an int to Python; to whoever typed it into a form it is not a number.
    if isinstance(value, bool):
        return bool in accepted
    return isinstance(value, accepted) or (float in accepted and isinstance(value, int))


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str)
