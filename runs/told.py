"""What services told of a run or its fill, as rows that people read."""

import re
from typing import Any, NamedTuple

POWER = re.compile(r"\^\{?(-?\d+)\}?")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Told(NamedTuple):
    """One attribute: its name in words, its value, and its unit or nothing."""

    name: str
    value: Any
    unit: str


def told(attributes: dict[str, Any]) -> list[Told]:
    """The rows of a JSON field of attributes, by name; one with a unit is ``{"value": 95.2, "unit": "kHz"}``."""
    return [_row(name, attributes[name]) for name in sorted(attributes)]


def _row(name: str, value: Any) -> Told:
    words = name.replace("_", " ")
    if isinstance(value, dict) and value.keys() == {"value", "unit"}:
        return Told(words, value["value"], spelt(str(value["unit"])))
    return Told(words, value, "")


def spelt(unit: str) -> str:
    """A unit as people write it: ``10³³ cm⁻² s⁻¹`` for OMS' ``10^{33}cm^{-2}s^{-1}``."""
    return POWER.sub(lambda found: f"{found[1].translate(RAISED)} ", unit.replace("{\\mu}", "µ")).strip()
