"""Every detector this site knows. To add one: write its file, import it here, add it to the tuple."""

from difflib import get_close_matches
from typing import Any

from .base import Detector, DetectorError
from .beta_binomial import BetaBinomial
from .combined import Combined
from .constant import Constant
from .excess_scatter import ExcessScatter
from .isolation_forest import IsolationForest
from .knn import Knn
from .lof import LocalOutlierFactor
from .max_pull import MaxPull
from .moments import Moments
from .nmf import Nmf
from .occupancy import Occupancy
from .pca import Pca
from .pyod_adapter import PREFIX, pyod_detector
from .random import Random
from .reference_chi2 import ReferenceChi2
from .reference_ks import ReferenceKs
from .robust_z import RobustZ
from .scorable import WHY_NOT, scorable
from .summary_forest import SummaryForest
from .table import TableDetector
from .templates import Templates
from .tracked_pull import TrackedPull
from .tracked_reference import TrackedReference

__all__ = [
    "DETECTORS", "WHY_NOT", "Detector", "DetectorError", "TableDetector", "get_detector", "make", "scorable",
]  # fmt: skip

DETECTORS: dict[str, type[Detector]] = {
    cls.name: cls
    for cls in (
        Constant, Random, RobustZ, IsolationForest, LocalOutlierFactor, Knn, Pca, ReferenceChi2, ReferenceKs,
        MaxPull, Moments, BetaBinomial, Nmf, Templates, Occupancy, SummaryForest, TrackedReference,
        TrackedPull, ExcessScatter, Combined,
    )
}  # fmt: skip


def get_detector(name: str) -> type[Detector]:
    """The detector class called ``name``: one of ``DETECTORS``, or ``pyod.<Name>``."""
    if name in DETECTORS:
        return DETECTORS[name]
    if name.startswith(PREFIX):
        return pyod_detector(name)
    near = get_close_matches(name, DETECTORS) or list(DETECTORS)
    raise DetectorError(f"no detector {name!r}; there is {', '.join(near)}, and PyOD's as pyod.ECOD")


def make(name: str, /, **params: Any) -> Detector:
    """The detector called ``name`` with ``params``, unfitted; an error that names what is wrong with them."""
    cls = get_detector(name)
    accepted = cls.parameters()
    unknown = [key for key in params if key not in accepted]
    if unknown:
        has = f"it has {', '.join(accepted)}" if accepted else "it has none"
        raise DetectorError(f"{name} has no parameter {', '.join(unknown)}; {has}")
    problems = [accepted[key].problem(value) for key, value in params.items()]
    wrong = [problem for problem in problems if problem]
    if wrong:
        raise DetectorError(f"{name}: {'; '.join(wrong)}")
    return cls(**params)
