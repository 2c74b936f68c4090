"""How strong must an anomaly be to be seen? Efficiency at a false-alarm rate against strength ÷ noise."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detections.comparison.bootstrap import Grouped, Groups, columns_for, resamples
from detections.comparison.compare import FEW, percentiles
from detections.comparison.results import StrengthBin, StrengthCurve
from detections.metrics import MetricError, Ranking, Scores
from detections.metrics.efficiency import threshold

Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class StrengthOptions:
    """``bins`` are edges in units of the sampling noise, one bin around each whole number that matters, the last open;
    ``far`` is the false-alarm rate.
    """

    far: float = 0.01
    bins: tuple[float, ...] = (0, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 8, 13, 21, 34, np.inf)
    n_boot: int = 200
    seed: int = 0


@dataclass(frozen=True)
class _Cells:
    """``of`` (cells, positives): which positive counts in which (kind, bin); ``places``: kinds and edges."""

    of: np.ndarray
    places: list[tuple[str, float, float]]


def efficiency_vs_strength(
    scores: Mapping[str, Scores],
    truth: np.ndarray,
    strength: np.ndarray,
    groups: np.ndarray,
    kinds: np.ndarray | None = None,
    options: StrengthOptions | None = None,
) -> dict[str, StrengthCurve]:
    """Per detector, the share of true anomalies above the threshold that ``far`` of all negatives pass.

    ``strength`` (n,) is what each injection changed in units of the sampling noise, read for positives only;
    ``kinds`` (n,) names their kind. The 95 % interval redraws whole groups (threshold included); in a bin
    with fewer than 10 groups, or where all or none were found, it is Wilson's for the number of groups, as if
    a group were one trial.
    """
    options = options or StrengthOptions()
    truth = np.asarray(truth, dtype=bool)
    if not truth.any() or truth.all():
        raise MetricError("truth has no positives" if not truth.any() else "truth has no negatives")
    codes = Groups.of(groups)
    at = np.asarray(strength, dtype=float)[truth]
    cells = _cells(at, None if kinds is None else np.asarray(kinds)[truth], options.bins)
    curves = {}
    for name, vector in scores.items():
        found, spread = _efficiencies(Ranking.of(truth, vector), codes, cells, options)
        bins = [
            _bin(place, at[rows], codes.code[truth][rows], (found[i], spread[i]))
            for i, (place, rows) in enumerate(zip(cells.places, cells.of, strict=True))
        ]
        curves[name] = StrengthCurve(name, options.far, tuple(bins))
    return curves


def _cells(strength: np.ndarray, kinds: np.ndarray | None, edges: tuple[float, ...]) -> _Cells:
    """The cells that hold at least one positive, all kinds together ("") first."""
    named = [] if kinds is None else sorted({str(kind) for kind in kinds} - {""})
    masks, places = [], []
    for kind in ("", *named):
        of_kind = np.ones(len(strength), bool) if kinds is None or not kind else kinds == kind
        for low, high in pairwise(edges):
            mask = of_kind & (strength >= low) & (strength < high)
            if mask.any():
                masks.append(mask)
                places.append((kind, float(low), float(high)))
    return _Cells(np.array(masks).reshape(-1, len(strength)), places)


def _efficiencies(
    ranking: Ranking, groups: Groups, cells: _Cells, options: StrengthOptions
) -> tuple[np.ndarray, np.ndarray]:
    """Efficiency per cell on all rows (cells,), and on each resample (cells, n_boot)."""
    grouped = Grouped(ranking, groups)
    block, code = ranking.block[ranking.truth, None], groups.code[ranking.truth]
    sums = cells.of.astype(float)

    def efficiency(times: np.ndarray) -> np.ndarray:
        whole, share = threshold(grouped.curve(times), options.far)
        seen = (block < whole) + (block == whole) * share
        drawn = times[code]
        with np.errstate(invalid="ignore"):
            return np.asarray((sums @ (seen * drawn)) / (sums @ drawn))

    columns = columns_for(groups.n_groups, max(grouped.n_blocks, len(code)), options.n_boot)
    drawn = resamples(groups.n_groups, options.n_boot, options.seed, columns)
    once = np.ones((groups.n_groups, 1), np.int32)
    return efficiency(once)[:, 0], np.concatenate([efficiency(times) for times in drawn], axis=1)


def _bin(
    place: tuple[str, float, float], strength: np.ndarray, codes: np.ndarray, found: tuple[float, np.ndarray]
) -> StrengthBin:
    efficiency, resampled = float(found[0]), found[1]
    n_groups = len(np.unique(codes))
    low, high = percentiles(resampled, (2.5, 97.5))
    method = "bootstrap over groups"
    if n_groups < FEW or not low < high:
        low, high = wilson(efficiency, n_groups)
        method = "Wilson, one trial per group"
    median = float(np.median(strength))
    return StrengthBin(*place, len(strength), n_groups, median, efficiency, low, high, method)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share found in ``n`` independent trials."""
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return float(min(max(centre - half, 0.0), share)), float(max(min(centre + half, 1.0), share))
