"""Scores in order: sorted once, for every ranking of them or of some of them. NumPy only."""

from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True)
class Ordered:
    """``place`` (n,) of each row among the ``n_places`` different scores, 0 the best; ``missing`` (n,): not scored.

    Rows with the same score stand at one place, because no order among them exists. What was not scored (NaN) stands
    below everything, all at one place.
    """

    place: np.ndarray
    missing: np.ndarray
    n_places: int

    @classmethod
    def of(cls, scores: "np.ndarray | Ordered") -> "Ordered":
        """Of a vector of scores, high first; what is in order already stays as it is."""
        if isinstance(scores, Ordered):
            return scores
        scores = np.asarray(scores, dtype=float)
        order = np.argsort(-scores)
        in_order, missing = scores[order], np.isnan(scores)
        differs = (in_order[1:] != in_order[:-1]) & ~(missing[order][1:] & missing[order][:-1])
        place = np.empty(len(scores), np.int32)
        place[order[:1]] = 0
        place[order[1:]] = np.cumsum(differs, dtype=np.int32)
        return cls(place, missing, 1 + int(np.count_nonzero(differs)))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.place.shape

    def __len__(self) -> int:
        return len(self.place)

    def take(self, rows: np.ndarray) -> Self:
        """Some of the rows, in the same order; places that none of them has stay empty."""
        return type(self)(self.place[rows], self.missing[rows], self.n_places)

    def sizes(self, rows: np.ndarray | None = None) -> np.ndarray:
        """How many rows (of the mask ``rows``) stand at each place."""
        return np.bincount(self.place if rows is None else self.place[rows], minlength=self.n_places)
