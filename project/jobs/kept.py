"""What the row of a job can hold of what was asked."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from project.errors import UserError

UNKEPT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but the tab, which separates columns; and what file names hold that are no text."""


def checked(kwargs: dict[str, Any]) -> dict[str, Any]:
    """``kwargs`` if a job row can hold them; UserError says which cannot be kept."""
    for name, value in kwargs.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise UserError(f"{name.replace('_', ' ')} {value!r} cannot be kept: {error}") from error
        for text in _texts(value):
            if UNKEPT.search(text):
                raise UserError(f"{name.replace('_', ' ')} {text!a:.100} holds a control character")
    seed = kwargs.get("seed") or 0
    if not -(2**63) <= seed < 2**63:
        raise UserError(f"the seed {seed} has more than 64 bits")
    return kwargs


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
