"""What a row of the bench is."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.measure import Line, Scale

SQLITE, POSTGRES = "sqlite", "postgres"


@dataclass(frozen=True)
class Row:
    """``measure`` gives one line or several; ``quick``: part of ``--quick`` without being named."""

    name: str
    beside: str
    measure: Callable[[Scale], list[Line]]
    databases: tuple[str, ...] = (SQLITE, POSTGRES)
    quick: bool = True
