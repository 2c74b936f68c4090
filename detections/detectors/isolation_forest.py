from typing import ClassVar

import numpy as np

from .isolation_trees import average_path, grow
from .table import TableDetector


class IsolationForest(TableDetector):
    """How few random cuts it takes to leave a sample alone.

    Needs no common scale of the columns. ``trees`` grow on ``subsample`` rows each, as the method is defined.
    """

    name: ClassVar[str] = "isolation_forest"
    paper: ClassVar[str] = "Liu, Ting & Zhou (2008), doi:10.1109/ICDM.2008.17"
    limits: ClassVar[dict[str, tuple[float, float]]] = {
        "trees": (1, 10_000), "subsample": (2, 1_000_000), "window": (1, 1000), "seed": (0, 2**32 - 1),
    }  # fmt: skip

    def __init__(self, *, trees: int = 100, subsample: int = 256, window: int = 8, seed: int = 0) -> None:
        self.trees = trees
        self.subsample = subsample
        self.window = window
        self.seed = seed

    def fit_table(self, X: np.ndarray) -> None:
        subsample = min(self.subsample, len(X))
        self.trees_ = grow(X, self.trees, subsample, np.random.default_rng(self.seed))
        self.usual_ = float(average_path(np.array(subsample)))

    def score_table(self, X: np.ndarray) -> np.ndarray:
        length = sum(trees.lengths(X) for trees in self.trees_) / self.trees
        # A single row takes no cut to stand alone: every path is as long as is usual then.
        return np.asarray(2.0 ** -(length / self.usual_ if self.usual_ else np.ones(len(X))))
