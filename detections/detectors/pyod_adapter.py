"""Any PyOD detector of tables, by its name: ``pyod.ECOD``, ``pyod.HBOS``, ``pyod.KNN``.

Only classes of ``pyod.models`` that are PyOD detectors of plain tables; their scores are high already.
"""

import importlib.util
import io
import re
from contextlib import redirect_stdout
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from project.samples import Samples

from .base import DetectorError
from .params import Param, parameters_of
from .scorable import sizes
from .table import TableDetector
from .without_plots import without_plots

PREFIX = "pyod."
DETECTOR_CLASS = re.compile(r"^class ([A-Z]\w*)\(Base\w*Detector\)", re.MULTILINE)
OTHER_INPUT = re.compile(r"pyg_|ts_|audio|embedding|base|sklearn|thresholds|xgbod|devnet|combination|cd$|_")
"""Modules whose detectors want graphs, whole series, texts, sounds or labels."""
FAST = {"ECOD", "COPOD", "HBOS", "IForest", "LODA", "PCA", "MAD", "GMM", "Sampling"}
"""Those measured to take under 6 s for 387,000 rows of 4 columns; the rest refuse beyond ``MOST_ROWS``."""
MOST_ROWS = 5_000
"""Rows to fit on plus rows to score."""
CUBIC = {"LOCI": 400, "RGraph": 400}
"""The same for those that take a minute for a thousand rows."""


class PyodDetector(TableDetector):
    """A detector of the PyOD library, on robustly scaled columns."""

    paper: ClassVar[str] = "Zhao, Nasrullah & Li (2019), jmlr.org/papers/v20/19-011.html"
    model: ClassVar[str]

    def __init__(self, **params: Any) -> None:
        for name, param in self.parameters().items():
            setattr(self, name, params.pop(name, param.default))
        if params:
            raise TypeError(f"{self.name} has no parameter {', '.join(params)}")

    @classmethod
    def parameters(cls) -> dict[str, Param]:
        """PyOD's own keywords, its random state as our ``seed``."""
        found = parameters_of(_load(cls.model).__init__)
        if found.pop("random_state", None):
            found["seed"] = Param("seed", (int,), 0, (), 0, 2**32 - 1)
        return found

    def refuses(self, samples: Samples) -> str | None:
        rows = sum(sizes(samples))
        most = CUBIC.get(self.model, MOST_ROWS)
        if self.model not in FAST and rows > most:
            return f"{self.name} takes up to {most:,} rows to fit and score together, here are {rows:,}."
        return super().refuses(samples)

    def fit_table(self, X: np.ndarray) -> None:
        self.scale_ = self._scale(X)
        params = self.get_params()
        if "seed" in params:
            params["random_state"] = params.pop("seed")
        self.pyod_ = self._asked(lambda: _load(self.model)(**params).fit(self.scale_.transform(X)))

    def score_table(self, X: np.ndarray) -> np.ndarray:
        Z = self.scale_.transform(X)
        return np.asarray(self._asked(lambda: self.pyod_.decision_function(Z)), dtype=float)

    def _asked(self, question: Any) -> Any:
        # Which exception it is, for a bad parameter or too few rows, differs from one detector to the next.
        try:
            return question()
        except Exception as error:
            raise DetectorError(f"{self.name}: {error}") from error


@cache
def pyod_detector(name: str) -> type[PyodDetector]:
    """The detector class for ``pyod.<Name>``; an error that lists near names when there is none."""
    model = name.removeprefix(PREFIX)
    if model not in pyod_models():
        by_lower = {known.lower(): known for known in pyod_models()}
        near = get_close_matches(model.lower(), by_lower, n=3, cutoff=0.4)
        hint = ", ".join(PREFIX + by_lower[one] for one in near) or ", ".join(pyod_models())
        raise DetectorError(f"PyOD has no table detector {model!r}; near: {hint}")
    found = _load(model)
    summary = " ".join((found.__doc__ or "").split("\n\n")[0].split())
    doc = f"PyOD's {model}: {summary}"
    return type(f"Pyod{model}", (PyodDetector,), {"name": PREFIX + model, "model": model, "__doc__": doc})


@cache
def pyod_models() -> dict[str, str]:
    """Module of every PyOD detector of tables, by class name.

    Reads the sources, because importing them all takes long and some need PyTorch.
    """
    folder = importlib.util.find_spec("pyod.models")
    if folder is None or not folder.submodule_search_locations:
        raise DetectorError("PyOD is not installed")
    found: dict[str, str] = {}
    for path in sorted(Path(folder.submodule_search_locations[0]).glob("*.py")):
        if not OTHER_INPUT.match(path.stem):
            for model in DETECTOR_CLASS.findall(path.read_text("utf-8")):
                found.setdefault(model, path.stem)
    return found


def _load(model: str) -> Any:
    found, why_not = _imported(model)
    if why_not:
        raise DetectorError(why_not)
    return found


@cache
def _imported(model: str) -> tuple[Any, str]:
    """The class, or why it cannot be had: found out once, since an import that fails begins anew each time."""
    name = f"{PREFIX}{model}"
    try:
        # What lacks a package prints advice, which has no place in a server's output.
        with without_plots(), redirect_stdout(io.StringIO()):
            found = getattr(importlib.import_module(f"pyod.models.{pyod_models()[model]}"), model)
        base = importlib.import_module("pyod.models.base").BaseDetector
    except ImportError as error:
        return None, f"{name} needs a package that is not installed: {error}"
    return (found, "") if issubclass(found, base) else (None, f"{name} is not a PyOD detector")
