"""What a comparison found, as plain data. No Django."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any


class AsDict:
    """Gives a dataclass an ``as_dict`` that JSON can carry: no NaN, no infinity, no NumPy."""

    def as_dict(self) -> dict[str, Any]:
        plain: dict[str, Any] = jsonable(asdict(self))  # type: ignore[call-overload]
        return plain


def jsonable(thing: Any) -> Any:
    """``thing`` in JSON's own types; what is not a finite number becomes null."""
    if isinstance(thing, dict):
        return {str(key): jsonable(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [jsonable(value) for value in thing]
    if hasattr(thing, "tolist"):
        return jsonable(thing.tolist())
    return None if isinstance(thing, float) and not math.isfinite(thing) else thing


@dataclass(frozen=True)
class Estimate(AsDict):
    """A metric's value on all rows, with percentile intervals from redrawing groups and its chance level.

    ``undefined`` counts resamples without positives (or negatives), which the intervals leave out.
    """

    value: float
    low68: float
    high68: float
    low95: float
    high95: float
    chance: float
    undefined: int = 0


@dataclass(frozen=True)
class Row(AsDict):
    """One detector: its estimate by metric, and how many rows it did not score."""

    detector: str
    not_scored: int
    metrics: dict[str, Estimate]


@dataclass(frozen=True)
class Pair(AsDict):
    """``a`` against ``b`` on the same resamples; ``probability`` that ``a`` is better, ties counting half."""

    metric: str
    a: str
    b: str
    difference: float
    low95: float
    high95: float
    probability: float


@dataclass(frozen=True)
class Comparison(AsDict):
    """Detectors on the same rows against one truth; ``rows`` best first by ``sort_by``."""

    name: str
    n: int
    n_positives: int
    n_groups: int
    n_groups_with_positives: int
    n_boot: int
    seed: int
    sort_by: str
    parameters: dict[str, dict[str, float]]
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    warnings: tuple[str, ...]
    rule: str = (
        "A row that a detector did not score ranks below all rows it scored; intervals are percentiles over "
        "redrawn groups, the same for all detectors."
    )

    def sorted_by(self, metric: str) -> tuple[Row, ...]:
        """The rows, best first by another metric."""
        from detections.metrics import METRICS

        sign = -1 if METRICS[metric].bigger_is_better else 1
        return tuple(sorted(self.rows, key=lambda row: _key(sign * row.metrics[metric].value)))

    def probability(self, metric: str, a: str, b: str) -> float:
        """That ``a`` is better than ``b``; NaN where no resample could tell."""
        for pair in self.pairs:
            if pair.metric == metric and (pair.a, pair.b) == (a, b):
                return pair.probability
            if pair.metric == metric and (pair.a, pair.b) == (b, a):
                return 1 - pair.probability
        raise KeyError(f"no pair of {a} and {b} for {metric}")


@dataclass(frozen=True)
class StrengthBin(AsDict):
    """Efficiency for injections of strength ``low`` ≤ σ < ``high``; ``method`` names the interval (95 %)."""

    kind: str
    low: float
    high: float
    n: int
    n_groups: int
    median_strength: float
    efficiency: float
    low95: float
    high95: float
    method: str


@dataclass(frozen=True)
class StrengthCurve(AsDict):
    """Efficiency at false-alarm rate ``far`` against strength ÷ sampling noise; kind ``""`` is all kinds."""

    detector: str
    far: float
    bins: tuple[StrengthBin, ...] = field(default_factory=tuple)

    def of_kind(self, kind: str = "") -> tuple[StrengthBin, ...]:
        return tuple(bin_ for bin_ in self.bins if bin_.kind == kind)


def _key(value: float) -> float:
    return math.inf if math.isnan(value) else value
