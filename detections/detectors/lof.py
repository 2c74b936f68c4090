import warnings
from typing import ClassVar

import numpy as np

from project.samples import Samples

from .neighbours import TREE_COLUMNS, Limits, too_long
from .scaling import ColumnScale
from .table import TableDetector


class LocalOutlierFactor(TableDetector):
    """How much thinner the training samples lie around a sample than around its ``k`` neighbours.

    Many identical training rows make the density infinite and the score large for anything beside them.
    """

    name: ClassVar[str] = "lof"
    paper: ClassVar[str] = "Breunig, Kriegel, Ng & Sander (2000), doi:10.1145/335191.335388"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"k": (1, 1000), "window": (1, 1000)}

    def __init__(self, *, k: int = 20, window: int = 8) -> None:
        self.k = k
        self.window = window

    def refuses(self, samples: Samples) -> str | None:
        return super().refuses(samples) or too_long(self.name, samples, self.window, Limits(tree=8e6))

    def fit_table(self, X: np.ndarray) -> None:
        from sklearn.neighbors import LocalOutlierFactor as Lof

        self.scale_ = ColumnScale.of(X)
        k = max(1, min(self.k, len(X) - 1))
        search = "kd_tree" if X.shape[1] <= TREE_COLUMNS else "brute"
        with warnings.catch_warnings():
            # Said once, in the class's docstring, instead of at every fit.
            warnings.filterwarnings("ignore", message="Duplicate values are leading")
            self.lof_ = Lof(n_neighbors=k, algorithm=search, novelty=True).fit(self.scale_.transform(X))

    def score_table(self, X: np.ndarray) -> np.ndarray:
        return -np.asarray(self.lof_.score_samples(self.scale_.transform(X)))
