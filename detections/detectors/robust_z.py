from typing import ClassVar, Self

import numpy as np

from project.samples import Samples, Series

from .base import Reason, spread_out
from .running import running_level, whole_level
from .table import TableDetector, strongest

STEP = [{"steps_back": 0}]


class RobustZ(TableDetector):
    """Largest distance of any column (bin) from its median, in units of the median absolute deviation.

    A series is judged step by step against its own level and scatter: those of the ``trailing`` values before
    the step if ``causal``, else those of the whole series.
    """

    name: ClassVar[str] = "robust_z"
    paper: ClassVar[str] = "Iglewicz & Hoaglin, How to Detect and Handle Outliers (1993)"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"trailing": (5, 100_000)}

    def __init__(self, *, causal: bool = True, trailing: int = 200) -> None:
        self.causal = causal
        self.trailing = trailing

    @property
    def offline(self) -> bool:
        return not self.causal

    def fit(self, samples: Samples) -> Self:
        if not isinstance(samples, Series):
            return super().fit(samples)
        self._usable(samples)
        return self

    def fit_table(self, X: np.ndarray) -> None:
        self.scale_ = self._scale(X)

    def score_table(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(np.abs(self.pulls_table(X)).max(axis=1))

    def pulls_table(self, X: np.ndarray) -> np.ndarray:
        return self.scale_.transform(X)

    def score(self, samples: Samples) -> np.ndarray:
        if not isinstance(samples, Series):
            return super().score(samples)
        wanted = self._scorable(samples)
        return spread_out(np.abs(self._step_pulls(samples)[wanted]), wanted)

    def reasons(self, samples: Samples, rows: np.ndarray) -> list[list[Reason]]:
        if not isinstance(samples, Series):
            return super().reasons(samples, rows)
        wanted, pulls = self._scorable(samples), self._step_pulls(samples)
        return [strongest(STEP, pulls[row : row + 1]) if wanted[row] else [] for row in rows]

    def _step_pulls(self, samples: Series) -> np.ndarray:
        level, scatter = running_level(samples, self.trailing) if self.causal else whole_level(samples)
        return np.asarray((samples.values - level) / scatter)
