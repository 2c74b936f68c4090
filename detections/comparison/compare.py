"""Which detector to trust on these data: metrics with intervals, chance beside them, paired differences."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from detections.comparison.bootstrap import Grouped, Groups, columns_for, resamples
from detections.comparison.results import Comparison, Estimate, Pair, Row
from detections.metrics import METRICS, MetricError, Ordered, Ranking, Scores

FEW = 10

# detector → metric → one value per resample
Values = dict[str, dict[str, np.ndarray]]
# metric → its parameters
Parameters = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Options:
    """``name`` of what is looked for; ``parameters`` per metric over its defaults; ``n_boot`` resamples."""

    name: str = "anomalies"
    metrics: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sort_by: str = "average_precision"
    n_boot: int = 200
    seed: int = 0

    def given(self) -> dict[str, dict[str, float]]:
        """Every metric asked for (all when none is named) with its parameters; refuses unknown names."""
        names = dict.fromkeys((*(self.metrics or METRICS), self.sort_by))
        unknown = [name for name in (*names, *self.parameters) if name not in METRICS]
        if unknown:
            raise MetricError(f"unknown metric {', '.join(unknown)} (known: {', '.join(METRICS)})")
        return {name: METRICS[name].given(self.parameters.get(name, {})) for name in names}


def compare(
    truth: np.ndarray, groups: np.ndarray, scores: Mapping[str, Scores], options: Options | None = None
) -> Comparison:
    """Compare detectors on the same rows: ``truth`` (n,) bool, ``groups`` (n,), ``scores`` by name (n,), NaN:
    not scored. Scores that are in order already are not sorted again.

    Intervals are percentiles over ``n_boot`` resamples that draw whole groups with replacement.
    """
    options = options or Options()
    given = options.given()
    truth, codes = _checked(truth, groups, scores)
    ordered = {name: Ordered.of(vector) for name, vector in scores.items()}
    rankings = {name: Ranking.of(truth, vector) for name, vector in ordered.items()}
    values = _bootstrap(rankings, codes, given, options)
    rows = [_row(name, ordered[name], rankings[name], values[name], given) for name in scores]
    result = Comparison(
        name=options.name,
        n=len(truth),
        n_positives=int(truth.sum()),
        n_groups=codes.n_groups,
        n_groups_with_positives=codes.count(truth),
        n_boot=options.n_boot,
        seed=options.seed,
        sort_by=options.sort_by,
        parameters=given,
        rows=tuple(rows),
        pairs=tuple(_pairs(rows, values, given)),
        warnings=(),
    )
    return _finished(result)


def _checked(
    truth: np.ndarray, groups: np.ndarray, scores: Mapping[str, Scores]
) -> tuple[np.ndarray, Groups]:
    truth = np.asarray(truth, dtype=bool)
    if not scores:
        raise MetricError("no detector to compare")
    for name, vector in (("groups", groups), *scores.items()):
        if np.shape(vector) != truth.shape:
            raise MetricError(f"{name}: {np.shape(vector)} values for {truth.shape} rows")
    if not truth.any() or truth.all():
        raise MetricError("truth has no positives" if not truth.any() else "truth has no negatives")
    return truth, Groups.of(groups)


def _bootstrap(
    rankings: Mapping[str, Ranking],
    groups: Groups,
    given: Parameters,
    options: Options,
) -> Values:
    grouped = {name: Grouped(ranking, groups) for name, ranking in rankings.items()}
    values: Values = {name: {metric: np.empty(options.n_boot) for metric in given} for name in rankings}
    most = max(counts.n_blocks for counts in grouped.values())
    start = 0
    for times in resamples(
        groups.n_groups, options.n_boot, options.seed, columns_for(groups.n_groups, most, options.n_boot)
    ):
        here = slice(start, start + times.shape[1])
        for name, counts in grouped.items():
            curve = counts.curve(times)
            for metric, parameters in given.items():
                values[name][metric][here] = METRICS[metric].of_curve(curve, **parameters)
        start += times.shape[1]
    return values


def _row(
    name: str, scores: Ordered, ranking: Ranking, values: Mapping[str, np.ndarray], given: Parameters
) -> Row:
    curve, estimates = ranking.curve(), {}
    for metric, parameters in given.items():
        value = METRICS[metric].of_curve(curve, **parameters)[0]
        chance = METRICS[metric].chance(ranking.truth, **parameters)
        estimates[metric] = _estimate(value, values[metric], chance)
    return Row(name, int(scores.missing.sum()), estimates)


def _estimate(value: float, resampled: np.ndarray, chance: float) -> Estimate:
    low68, high68, low95, high95 = percentiles(resampled, (16, 84, 2.5, 97.5))
    return Estimate(float(value), low68, high68, low95, high95, chance, int(np.isnan(resampled).sum()))


def percentiles(resampled: np.ndarray, at: tuple[float, ...]) -> list[float]:
    """Percentiles of the defined values; NaN where there are none."""
    defined = resampled[np.isfinite(resampled)]
    return [float(end) for end in np.percentile(defined, at)] if len(defined) else [np.nan] * len(at)


def _pairs(rows: list[Row], values: Values, given: Parameters) -> list[Pair]:
    return [_pair(metric, a, b, values) for metric in given for a, b in combinations(rows, 2)]


def _pair(metric: str, a: Row, b: Row, values: Values) -> Pair:
    difference = values[a.detector][metric] - values[b.detector][metric]
    low, high = percentiles(difference, (2.5, 97.5))
    defined = difference[np.isfinite(difference)]
    better = defined > 0 if METRICS[metric].bigger_is_better else defined < 0
    probability = float(np.mean(better + 0.5 * (defined == 0))) if len(defined) else np.nan
    on_all = a.metrics[metric].value - b.metrics[metric].value
    return Pair(metric, a.detector, b.detector, on_all, low, high, probability)


def _finished(result: Comparison) -> Comparison:
    return replace(result, rows=result.sorted_by(result.sort_by), warnings=tuple(_warnings(result)))


def _warnings(result: Comparison) -> list[str]:
    found = []
    if result.n_positives < FEW:
        found.append(f"Only {result.n_positives} positives: every number here can change with the next one.")
    if result.n_groups < FEW:
        found.append(f"Only {result.n_groups} groups: the intervals are too narrow.")
    elif result.n_groups_with_positives < FEW:
        found.append(
            f"The positives lie in only {result.n_groups_with_positives} groups: the intervals are uncertain."
        )
    undefined = max(estimate.undefined for row in result.rows for estimate in row.metrics.values())
    if undefined:
        found.append(
            f"{undefined} of {result.n_boot} resamples had no positives or no negatives and were left out."
        )
    found += [
        f"{_listed(detectors)} did not score {missing:,} of {result.n:,} rows; they rank last."
        for missing, detectors in sorted(_by_missing(result).items())
    ]
    return found


def _by_missing(result: Comparison) -> dict[int, list[str]]:
    """The detectors that did not score every row, by how many they missed."""
    found: dict[int, list[str]] = {}
    for row in result.rows:
        if row.not_scored:
            found.setdefault(row.not_scored, []).append(row.detector)
    return found


def _listed(detectors: list[str]) -> str:
    return detectors[0] if len(detectors) == 1 else f"{len(detectors)} detectors"
