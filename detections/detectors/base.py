"""What a detector is.

scikit-learn's five rules: ``__init__`` only stores its keywords; every keyword becomes an attribute of the
same name; data go to ``fit``, which returns ``self``; what is learned ends in ``_``; ``fit`` forgets what
came before.
High score = strange. NaN = not scored, for what ``scorable`` says cannot be.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from project.samples import HistogramSequence, Samples, Table, Together

from .params import Param, parameters_of
from .scorable import WHY_NOT, scorable

Reason = dict[str, Any]


class DetectorError(Exception):
    """The detector cannot do what was asked; one line that says what and why."""


class Detector(ABC):
    """Gives every sample one number: the higher, the stranger."""

    name: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]
    paper: ClassVar[str] = ""
    sequential: ClassVar[bool] = False
    """Works along the order of the samples: a score may depend on earlier ones, never on later ones."""
    transductive: ClassVar[bool] = False
    """Can only score what it was fitted on."""
    limits: ClassVar[dict[str, tuple[float, float]]] = {}
    """Smallest and largest accepted value, by parameter."""

    @abstractmethod
    def fit(self, samples: Samples) -> Self:
        """Learn what is usual from all of ``samples``, forgetting what was learned before."""

    @abstractmethod
    def score(self, samples: Samples) -> np.ndarray:
        """One float64 per score of ``samples`` (``n_scores``), high = strange, NaN = not scored."""

    @property
    def offline(self) -> bool:
        """Whether a score may depend on what came after it."""
        return self.transductive

    def refuses(self, samples: Samples) -> str | None:
        """Why a trial on ``samples`` (with their roles) is not to be run, as a sentence; None: go on."""
        if samples.kind not in self.kinds:
            return f"{self.name} takes {', '.join(self.kinds)}, not {samples.kind}."
        return None

    def reasons(self, samples: Samples, rows: np.ndarray) -> list[list[Reason]]:
        """What drives the scores at ``rows`` (positions in the score vector), strongest first, if known."""
        return [[] for _ in rows]

    @classmethod
    def parameters(cls) -> dict[str, Param]:
        """The accepted keywords, by name."""
        return parameters_of(cls.__init__, cls.limits)

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """Everything a page, a form or the API needs to know, as plain values."""
        from .checks import expected_failures

        return {
            "name": cls.name,
            "summary": (cls.__doc__ or "").strip().partition("\n")[0],
            "paper": cls.paper,
            "params": [param.describe() for param in cls.parameters().values()],
            "kinds": list(cls.kinds),
            "sequential": cls.sequential,
            "transductive": cls.transductive,
            "exceptions": expected_failures(cls.name),
        }

    def get_params(self) -> dict[str, Any]:
        """The keywords that rebuild this detector, unfitted."""
        return {name: getattr(self, name) for name in self.parameters()}

    def clone(self) -> Self:
        """The same recipe, unfitted."""
        return type(self)(**self.get_params())

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def _usable(self, samples: Samples) -> np.ndarray:
        """Mask of the scores to learn from; begins every ``fit``. An error when there is none."""
        if samples.kind not in self.kinds:
            raise DetectorError(f"{self.name} takes {', '.join(self.kinds)}, not {samples.kind}")
        usable = scorable(samples)
        if not usable.any():
            why = f"{len(usable)} given; {WHY_NOT[samples.kind]}"
            raise DetectorError(f"{self.name} has nothing to fit on: {why}")
        self.layout_ = layout(samples)
        return usable

    def _scorable(self, samples: Samples) -> np.ndarray:
        """Mask of the scores to give; begins every ``score``. An error unless fitted on the like."""
        if not hasattr(self, "layout_"):
            raise DetectorError(f"{self.name} is not fitted")
        if layout(samples) != self.layout_:
            raise DetectorError(f"{self.name} was fitted on {self.layout_}, cannot score {layout(samples)}")
        return scorable(samples)


def layout(samples: Samples) -> str:
    """Kind and form of ``samples``, which must be the same for fitting and scoring."""
    if isinstance(samples, Table):
        return f"table of {', '.join(samples.columns)}"
    if isinstance(samples, Together):
        return f"together: {'; '.join(layout(element) for element in samples.elements)}"
    if isinstance(samples, HistogramSequence):
        return f"histograms of {' x '.join(map(str, samples.shape))} cells"
    return samples.kind


def spread_out(scores: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """``scores`` at the true places of ``mask``, NaN (not scored) elsewhere."""
    full = np.full(len(mask), np.nan)
    full[mask] = scores
    return full
