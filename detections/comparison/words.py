"""A comparison in words, with what it does not say."""

from detections.comparison.results import Comparison, Estimate, Row
from detections.metrics import METRICS

# Two detectors count as told apart when the better one wins in this share of resamples (two-sided 95 %).
TOLD_APART = 0.975


def sentence(result: Comparison) -> str:
    """Who ranks best, by how much, who cannot be told apart from it, and the limits of that."""
    metric = METRICS[result.sort_by]
    best, *others = result.rows
    estimate = best.metrics[result.sort_by]
    parts = [
        f"For {result.name} ({result.n_positives:,} of {result.n:,} rows, {result.n_groups:,} groups)"
        f" {best.detector} ranks best: {_named(metric.label, result)} {_with_interval(estimate)}"
        f" against chance {_number(estimate.chance)}.",
        _above_chance(best, estimate, metric.bigger_is_better),
        _rivals(result, best, others),
        *result.warnings,
        f"Brackets are 95 % percentiles over {result.n_boot} redraws of whole groups.",
        "This says nothing about anomalies of other kinds, about data taken under other conditions, or about"
        " rows outside this sample set; what is not labelled counts as normal here.",
    ]
    return " ".join(part for part in parts if part)


def _above_chance(best: Row, estimate: Estimate, bigger_is_better: bool) -> str:
    beaten = estimate.low95 > estimate.chance if bigger_is_better else estimate.high95 < estimate.chance
    return "" if beaten else f"Even {best.detector} cannot be told apart from chance."


def _rivals(result: Comparison, best: Row, others: list[Row]) -> str:
    if not others:
        return "It was compared with no other detector."
    odds = {row.detector: result.probability(result.sort_by, best.detector, row.detector) for row in others}
    close = [f"{name} (P = {p:.2f})" for name, p in odds.items() if not p >= TOLD_APART]
    if not close:
        return "Every other detector is worse in at least 97.5 % of the resamples."
    verb = "is" if len(close) == 1 else "are"
    return (
        f"{_listed(close)} {verb} not distinguishable from it (P: how often it wins on the same resamples)."
    )


def _named(label: str, result: Comparison) -> str:
    given = ", ".join(f"{key} = {value:g}" for key, value in result.parameters[result.sort_by].items())
    return f"{label} ({given})" if given else label


def _with_interval(estimate: Estimate) -> str:
    return f"{_number(estimate.value)} [{_number(estimate.low95)}, {_number(estimate.high95)}]"


def _number(value: float) -> str:
    """Two significant digits without an exponent, so that it reads in a sentence: 0.000047, 0.83."""
    if value != value or value == 0 or abs(value) >= 1:
        return f"{value:.3g}"
    text = f"{value:.2g}"
    return f"{float(text):.10f}".rstrip("0") if "e" in text else text


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
