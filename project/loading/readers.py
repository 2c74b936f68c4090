"""Readers by name."""

from collections.abc import Mapping
from typing import Any

from project.errors import UserError


def make_reader(readers: Mapping[str, Any], name: str, options: dict[str, Any] | None = None) -> Any:
    """The reader called ``name`` with these options; what is wrong with them is the user's to mend."""
    if name not in readers:
        raise UserError(f"no reader is called {name!r}; there are: {', '.join(sorted(readers))}")
    try:
        return readers[name](**options or {})
    except TypeError as error:
        raise UserError(f"reader {name} does not take {', '.join(options or {})} ({error})") from error
    except ValueError as error:
        raise UserError(f"reader {name}: {error}") from error
