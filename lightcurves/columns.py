"""Columns of a table of sources, as text: a name, ``log10(name)``, or the difference of two such. No Django.

A difference has blanks around its sign, ``V - I``: names of attributes hold hyphens themselves, ``V-I``.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LOGARITHM = re.compile(r"log10\(\s*(\S.*?)\s*\)")


class Term(NamedTuple):
    name: str
    logged: bool

    def of(self, values: Mapping[str, Floats]) -> Floats:
        if not self.logged:
            return values[self.name]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values[self.name] > 0, np.log10(values[self.name]), np.nan)


class Column(NamedTuple):
    """What a text says: one term, or the first minus the second."""

    text: str
    terms: tuple[Term, ...]

    def of(self, values: Mapping[str, Floats]) -> Floats:
        """The column out of the named values; NaN where one is missing or a logarithm is not defined."""
        first, *others = (term.of(values) for term in self.terms)
        return first - others[0] if others else first


def parse_column(text: str) -> Column:
    """ValueError says what cannot be read."""
    parts = [part.strip() for part in text.split(" - ")]
    if len(parts) > 2 or not all(parts):
        raise ValueError(f"column {text!r} is no name, no log10(name), no difference 'a - b' of two such")
    return Column(text, tuple(_term(part) for part in parts))


def _term(text: str) -> Term:
    logarithm = LOGARITHM.fullmatch(text)
    return Term(logarithm[1], True) if logarithm else Term(text, False)
