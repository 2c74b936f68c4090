"""The rows of a plan with their counts, some at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from histos.matrix.choice import Choice
from histos.matrix.plan import MISSING, Plan
from histos.models import LumisectionHistogram
from histos.querysets import edges_along
from project.bulk import raw_rows
from project.errors import UserError
from project.vectors import decode_matrix

BLOCK_CELLS = 1 << 19
MOST_ROWS = 1000
ORDER = "flattened with x fastest (y slow), first and last along each axis are under- and overflow"


class RowsChanged(UserError):
    """Histograms were replaced or removed between planning and reading."""

    def __init__(self) -> None:
        super().__init__("histograms were replaced or removed while they were read: begin again")


class Block(NamedTuple):
    """Rows one after the other: ``entries`` (m,) and ``counts`` (m, cells), NaN where there is no histogram.

    ``further`` are columns of whole numbers, those that its matrix names.
    """

    runs: np.ndarray
    lumisections: np.ndarray
    entries: np.ndarray
    counts: np.ndarray
    further: Mapping[str, np.ndarray] = {}


class Contents(Protocol):
    """What a file of a matrix is written from."""

    @property
    def dtype(self) -> np.dtype:
        """Of the counts."""

    @property
    def runs(self) -> np.ndarray:
        """(n,) numbers of the runs, of all rows."""

    @property
    def lumisections(self) -> np.ndarray:
        """(n,) numbers of the lumisections."""

    @property
    def further(self) -> Mapping[str, np.ndarray]:
        """More columns of whole numbers, (n,) each."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one histogram, slowest axis first, flow bins included."""

    @property
    def edges(self) -> dict[str, np.ndarray]:
        """``edges_x`` (bins + 1,) and for maps ``edges_y``."""

    @property
    def description(self) -> dict[str, Any]:
        """What the matrix holds, in values that JSON has."""

    def blocks(self) -> Iterator[Block]:
        """All rows in order."""


@dataclass
class Stored:
    """The rows of ``plan``, read from the database; counts as ``dtype``, ``<f8`` or ``<f4``."""

    choice: Choice
    plan: Plan
    dtype: np.dtype = field(default_factory=lambda: np.dtype("<f8"))
    further: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def runs(self) -> np.ndarray:
        return self.plan.runs

    @property
    def lumisections(self) -> np.ndarray:
        return self.plan.lumisections

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis["bins"] + 2 for axis in reversed(self.choice.element.axes))

    @cached_property
    def edges(self) -> dict[str, np.ndarray]:
        axes = zip("xyz", self.choice.element.axes, strict=False)
        return {f"edges_{name}": edges_along(axis) for name, axis in axes}

    @property
    def cells(self) -> int:
        return int(np.prod(self.shape))

    @property
    def rows_at_once(self) -> int:
        """Rows of every block but the last: it depends on the element alone, so that equal files come of equal rows."""
        return max(1, min(MOST_ROWS, BLOCK_CELLS // self.cells))

    @cached_property
    def description(self) -> dict[str, Any]:
        element = self.choice.element
        named = ("name", "binning", "title", "x_label", "y_label", "storage", "axes")
        return {
            "element": {field: getattr(element, field) for field in named},
            "dataset": self.choice.dataset.name,
            "experiment": self.plan.experiment,
            **self.choice.described(),
            "shape": list(self.shape),
            "cells": ORDER,
            "dtype": self.dtype.name,
            "selection": self.plan.selection,
            "rows_selected": self.plan.whole,
        }

    def blocks(self) -> Iterator[Block]:
        """Raises RowsChanged unless every row is still what it was when the plan was made."""
        for start in range(0, len(self.plan), self.rows_at_once):
            yield self._read(self.plan.part(start, start + self.rows_at_once))

    def _read(self, part: Plan) -> Block:
        there = np.flatnonzero(part.ids != MISSING)
        wanted = part.ids[there]
        rows = LumisectionHistogram.objects.filter(pk__in=wanted.tolist()).order_by("pk")
        found = raw_rows(rows.values_list("pk", "file_id", "entries", "counts"))
        order = there[np.argsort(wanted)]
        files = [row[1] or 0 for row in found]
        if len(found) != len(order) or not np.array_equal(part.files[order], files):
            raise RowsChanged
        counts = np.full((len(part), self.cells), np.nan, self.dtype)
        entries = np.full(len(part), np.nan)
        if found:
            counts[order] = decode_matrix([bytes(row[3]) for row in found], self.cells, self.dtype)
            entries[order] = [row[2] for row in found]
        return Block(part.runs, part.lumisections, entries, counts)
