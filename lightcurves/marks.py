"""Time spans marked in light curves by apps above, which this one knows nothing of.

An app says once, when it is ready: ``mark_with(marker)``. The page of a source then shades what the marker names.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Mark(NamedTuple):
    """A span of one light curve (its row id), MJD (UTC), both ends in it; ``label`` is short: ``#1``."""

    light_curve: int
    start: float
    end: float
    label: str = ""


class Marker(Protocol):
    """``parameter`` is the name of its choice in the URL."""

    parameter: str

    def marks(self, value: str, source: int) -> list[Mark]:
        """Of the source with this row id, at most some hundreds; ValueError where ``value`` names nothing.

        An empty ``value`` leaves the choice to the marker.
        """
        ...


MARKERS: list[Marker] = []


def mark_with(marker: Marker) -> None:
    """Add ``marker``, once."""
    if not any(type(one) is type(marker) for one in MARKERS):
        MARKERS.append(marker)


def marks_of(source: int, params: Mapping[str, str]) -> list[Mark]:
    """Raises ValueError ("trial: …") where a choice names nothing."""
    found = []
    for marker in MARKERS:
        try:
            found += marker.marks(params.get(marker.parameter, ""), source)
        except ValueError as error:
            raise ValueError(f"{marker.parameter}: {error}") from error
    return found


def parameters() -> tuple[str, ...]:
    return tuple(marker.parameter for marker in MARKERS)
