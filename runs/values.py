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
            if any(old[name] != value[name] for name in old.keys() & value.keys()):
                return None
            values.append({**old, **value})
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
        {**old, **value}
        if isinstance(old, dict) and isinstance(value, dict)
        else old if value in UNKNOWN else value
        for old, value in zip(stored, new, strict=True)
    )  # fmt: skip


def as_parameters(values: tuple) -> tuple:
    """The values as the database driver takes them."""
    return tuple(map(_parameter, values))


def _parameter(value: Any) -> Any:
    if isinstance(value, dict):
        return bulk.jsonb(orjson.dumps(value))
    return bulk.timestamp(value) if isinstance(value, datetime) else value
