"""What two files say of one run or lumisection, put together. Values in the order of the columns.

Nothing is known where a value is None, an empty text or an empty dict.
"""

from datetime import datetime
from typing import Any

import orjson

from project import bulk

UNKNOWN: tuple = (None, "", {})


def merged(stored: tuple, new: tuple) -> tuple | None:
    """Both together; None where they contradict each other."""
    values = []
    for old, value in zip(stored, new, strict=True):
        if isinstance(old, dict) and isinstance(value, dict):
            both = _joined(old, value)
            if both is None:
                return None
            values.append(both)
        elif value in UNKNOWN or old == value:
            values.append(old)
        elif old in UNKNOWN:
            values.append(value)
        else:
            return None
    return tuple(values)


def replaced(stored: tuple, new: tuple) -> tuple:
    """What ``new`` says, and what ``stored`` says of all else."""
    return tuple(
        _over(old, value)
        if isinstance(old, dict) and isinstance(value, dict)
        else old if value in UNKNOWN else value
        for old, value in zip(stored, new, strict=True)
    )  # fmt: skip


def _joined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any] | None:
    """The names of both, one within the other too; None where a name has two values."""
    both = dict(old)
    for name, value in new.items():
        if isinstance(old.get(name), dict) and isinstance(value, dict):
            both[name] = _joined(old[name], value)
            if both[name] is None:
                return None
        elif name in old and old[name] != value:
            return None
        else:
            both[name] = value
    return both


def _over(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The names of both; those of ``new`` hold."""
    return old | {
        name: _over(old[name], value)
        if isinstance(old.get(name), dict) and isinstance(value, dict)
        else value
        for name, value in new.items()
    }


def as_parameters(values: tuple) -> tuple:
    """The values as the database driver takes them."""
    return tuple(map(_parameter, values))


def _parameter(value: Any) -> Any:
    if isinstance(value, dict):
        return bulk.jsonb(orjson.dumps(value))
    return bulk.timestamp(value) if isinstance(value, datetime) else value
