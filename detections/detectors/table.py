"""Detectors that know only matrices; the adapters bring them every kind of samples."""

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from project.samples import KINDS, Samples

from .adapters import Adapter, fitted
from .base import Detector, Reason, spread_out
from .scaling import ColumnScale

MOST_REASONS = 5


class TableDetector(Detector):
    """Write ``fit_table`` and ``score_table``; they see a float64 matrix without missing values."""

    kinds: ClassVar[tuple[str, ...]] = KINDS
    window: int = 8
    """Time steps in a window over a series; a keyword of the same name makes it a parameter."""

    adapter_: Adapter

    @abstractmethod
    def fit_table(self, X: np.ndarray) -> None:
        """Learn from the rows of ``X`` (n ≥ 1, d)."""

    @abstractmethod
    def score_table(self, X: np.ndarray) -> np.ndarray:
        """One number per row of ``X`` (n ≥ 1, d), high = strange."""

    def pulls_table(self, X: np.ndarray) -> np.ndarray | None:
        """How much each column (n, d) drives the score, signed; None: the detector cannot tell."""
        return None

    def fit(self, samples: Samples) -> Self:
        usable = self._usable(samples)
        self.adapter_ = fitted(samples, usable, self.window)
        self.fit_table(self._matrix(samples, usable))
        return self

    def score(self, samples: Samples) -> np.ndarray:
        wanted = self._scorable(samples)
        X = self._matrix(samples, wanted)
        return spread_out(self.score_table(X) if len(X) else np.zeros(0), wanted)

    def _matrix(self, samples: Samples, wanted: np.ndarray) -> np.ndarray:
        """All of ``samples`` that can be scored as a matrix of the detector's own."""
        adapter = self.adapter_
        return samples.notes.own(("matrix", adapter), lambda: adapter.matrix(samples, wanted))

    def _scale(self, X: np.ndarray) -> ColumnScale:
        """The scale of the columns of ``X``, the matrix that is fitted on."""
        return self.adapter_.notes.once(("scale", self.adapter_), lambda: ColumnScale.of(X))

    def reasons(self, samples: Samples, rows: np.ndarray) -> list[list[Reason]]:
        can = self._scorable(samples)
        asked = np.zeros(len(can), bool)
        asked[rows] = True
        X = self.adapter_.matrix(samples, can & asked)
        pulls = self.pulls_table(X) if len(X) else None
        if pulls is None:
            return [[] for _ in rows]
        place = np.cumsum(can & asked) - 1
        return [strongest(self.adapter_.columns, pulls[place[row]]) if can[row] else [] for row in rows]


def strongest(columns: list[dict[str, Any]], pulls: np.ndarray) -> list[Reason]:
    """The columns with the largest pulls, largest first."""
    order = np.argsort(-np.abs(pulls), kind="stable")[:MOST_REASONS]
    return [{**columns[place], "pull": round(float(pulls[place]), 3)} for place in order]
