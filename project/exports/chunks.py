"""A bounded number of rows, column by column, on their way from the database into a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from project.ragged import Vectors

MOST_CELLS = 1 << 20
"""Values of all vectors of a chunk: 8 MB in double precision."""


Values = Sequence[Any] | np.ndarray
"""Whole numbers of which none is missing may be an array."""


def plain_values(values: Values) -> Sequence[Any]:
    """Values that are an array as Python's own numbers."""
    return values.tolist() if isinstance(values, np.ndarray) else values


@dataclass
class Cells:
    """One column: a value per row, or ``places`` (n,) into ``values``, -1 where there is none."""

    values: Values
    places: np.ndarray | None = None

    def __iter__(self) -> Iterator[Any]:
        if self.places is None:
            return iter(plain_values(self.values))
        values = [*self.values, None]
        return (values[place] for place in self.places.tolist())

    def __len__(self) -> int:
        return len(self.values if self.places is None else self.places)

    def part(self, start: int, stop: int) -> "Cells":
        if self.places is None:
            return Cells(self.values[start:stop])
        return Cells(self.values, self.places[start:stop])


@dataclass
class Chunk:
    """``size`` rows; a column is ``Vectors`` where its kind is vector."""

    size: int
    cells: dict[str, Cells | Vectors]

    def part(self, start: int, stop: int) -> "Chunk":
        return Chunk(stop - start, {name: cells.part(start, stop) for name, cells in self.cells.items()})

    def pieces(self) -> Iterator["Chunk"]:
        """The same rows in chunks whose vectors fit into memory decoded; a row is never cut."""
        cells = sum(
            (one.lengths for one in self.cells.values() if isinstance(one, Vectors)), np.zeros(1, int)
        )
        if cells.sum() <= MOST_CELLS:
            yield self
            return
        start = 0
        while start < self.size:
            held = np.cumsum(cells[start:])
            stop = start + max(1, int(np.searchsorted(held, MOST_CELLS, "right")))
            yield self.part(start, stop)
            start = stop
