"""Numbers read off a curve of efficiency against strength: at a strength, and where a wanted efficiency is reached."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Bins = Sequence[Mapping[str, Any]]
"""Bins of a curve as a comparison stores them, weakest first."""

WANTED, AT = 0.95, 6.0
"""The efficiency, and the strength in units of the sampling noise, that are asked for."""


class At(NamedTuple):
    """Efficiency and its 95 % interval at a strength, between the two bins around it."""

    efficiency: float
    low95: float
    high95: float


def efficiency_at(bins: Bins, strength: float = AT) -> At | None:
    """Between the median strengths of two bins a straight line; None beyond the first or the last."""
    for before, after in pairwise(_known(bins)):
        low, high = before["median_strength"], after["median_strength"]
        if low <= strength <= high:
            share = (strength - low) / ((high - low) or 1)
            values = (
                (1 - share) * _of(before, name) + share * _of(after, name)
                for name in ("efficiency", "low95", "high95")
            )
            return At(*values)
    return None


def reached(bins: Bins, wanted: float = WANTED) -> float | None:
    """The strength from which on no bin finds less than ``wanted``; None where the strongest still does."""
    known = _known(bins)
    below = [place for place, one in enumerate(known) if one["efficiency"] < wanted]
    if not known or (below and below[-1] == len(known) - 1):
        return None
    if not below:
        return float(known[0]["median_strength"])
    last, first = known[below[-1]], known[below[-1] + 1]
    share = (wanted - last["efficiency"]) / (first["efficiency"] - last["efficiency"])
    return float(last["median_strength"] + share * (first["median_strength"] - last["median_strength"]))


def _known(bins: Bins) -> list[Mapping[str, Any]]:
    return [one for one in bins if None not in (one.get("median_strength"), one.get("efficiency"))]


def _of(one: Mapping[str, Any], name: str) -> float:
    value = one.get(name)
    return float(one["efficiency"] if value is None else value)
