"""Parameters of an address, one at a time; a wrong one is an error that names it."""

import re
from typing import Any

from django.http import QueryDict

from project.errors import UserError
from project.filters import INTEGER, Kind
from project.filters import one_of as one_of_kind

BIGGEST = 2**31 - 1
PLACE = re.compile(r"\s*(?P<run>\d{1,18})?\s*(?::\s*(?P<ls>\d{1,9}))?\s*", re.ASCII)


def whole(params: QueryDict, name: str, most: int = BIGGEST, least: int = 1) -> int | None:
    """A whole number from ``least`` to ``most``; None where it is not asked for."""
    text = params.get(name, "")
    value = _parsed(name, INTEGER, text) if text else None
    if value is not None and not least <= value <= most:
        raise UserError(f"{name}: {text[:40]!r} is not a number from {least} to {most}")
    return value


def one_of(params: QueryDict, name: str, *allowed: str) -> str:
    """The first of ``allowed`` where nothing is asked."""
    return str(_parsed(name, one_of_kind(*allowed), params.get(name) or allowed[0]))


def run_of(text: str) -> int:
    """The number of the run that ``run:316186`` names."""
    kind, _, number = text.partition(":")
    if kind != "run" or not number:
        raise UserError(f"reference: {text[:40]!r} is none of run, run:<number>, golden, similar")
    return int(_parsed("reference", INTEGER, number))


def place_of(text: str) -> tuple[int | None, int | None]:
    """Run and lumisection of ``316187:120``, ``316187`` or ``:120``; None for what is not said."""
    found = PLACE.fullmatch(text)
    run, ls = (int(part) if part else None for part in found.group("run", "ls")) if found else (None, None)
    if run is None and ls is None:
        raise UserError(f"jump: {text[:40]!r} is none of 316187, 316187:120, :120")
    if ls is not None and not 1 <= ls <= BIGGEST:
        raise UserError(f"jump: there is no lumisection {ls}")
    return run, ls


def _parsed(name: str, kind: Kind, text: str) -> Any:
    try:
        return kind.parse(text)
    except ValueError as error:
        raise UserError(f"{name}: {error}") from error
