"""From scores to detections: what a trial flags, with its extent and its reasons."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from detections.models import Detection, SampleSet, Trial
from detections.services.opened import Opened, Place
from detections.services.scoring import Scored, reasons_at
from lightcurves.models import LightCurve, Source
from runs.models import Lumisection

FEWEST, MOST = 10, 1_000


def threshold_for(finite: np.ndarray, alarm_fraction: float) -> float | None:
    """The score from which on ``alarm_fraction`` of the scored are flagged, at least 10 and at most 1,000 of them."""
    if not len(finite):
        return None
    n = int(np.clip(round(alarm_fraction * len(finite)), min(FEWEST, len(finite)), MOST))
    threshold = float(np.partition(finite, len(finite) - n)[len(finite) - n])
    if np.count_nonzero(finite >= threshold) > n and (finite > threshold).any():
        # Many things share the score at the edge: none of them is stranger than the next, so none is flagged.
        threshold = float(finite[finite > threshold].min())
    return threshold


@dataclass
class Flagged:
    """One thing or span to be flagged: ``position`` of its highest score."""

    position: int
    score: float
    key: str
    start: float | None = None
    end: float | None = None
    element: str = ""


def detections_of(trial: Trial, opened: Opened, scored: Scored, order: np.ndarray) -> list[Detection]:
    """Detections, not yet saved, of the places in ``order`` (highest first) that reach the threshold.

    A detector that gives everything the same score flags nothing: there is no highest.
    """
    scores = scored.scores
    finite = scores[np.isfinite(scores)]
    if trial.threshold is None or finite.min() == finite.max():
        return []
    places = order[scores[order] >= trial.threshold]

    def reasons(positions: np.ndarray) -> list[list[dict[str, Any]]]:
        return reasons_at(opened.parts, scored, positions)

    return flagged(
        trial, opened.at, dict(zip(places.tolist(), scores[places].tolist(), strict=True)), reasons
    )


def flagged(
    trial: Trial,
    at: Callable[[int], Place],
    scores: dict[int, float],
    reasons: Callable[[np.ndarray], list[list[dict[str, Any]]]],
) -> list[Detection]:
    """Detections, not yet saved, of ``scores`` by position, highest first; what is no longer there is left out."""
    spans = _spans(at, scores)
    why = reasons(np.array([span.position for span in spans], dtype=np.int64))
    things = _things(trial.sample_set, [span.key for span in spans])
    return [
        _detection(trial, rank, span, because, things[span.key])
        for rank, (span, because) in enumerate(zip(spans, why, strict=True), start=1)
        if span.key in things
    ]


def _spans(at: Callable[[int], Place], scores: dict[int, float]) -> list[Flagged]:
    """Flagged places; neighbouring time steps of one series are one span, known by its highest score."""
    spans: dict[tuple, Flagged] = {}
    runs = _run_numbers(np.array(list(scores), dtype=np.int64))
    for position, score in scores.items():
        place = at(position)
        if place.time is None:
            spans[position,] = Flagged(position, score, place.key, element=place.element)
            continue
        time = place.time
        span = spans.setdefault((place.row, runs[position]), Flagged(position, score, place.key, time, time))
        span.start, span.end = min(_known(span.start, time), time), max(_known(span.end, time), time)
    return list(spans.values())


def _known(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _run_numbers(places: np.ndarray) -> dict[int, int]:
    """For every place the number of the unbroken run of places it belongs to."""
    ordered = np.sort(places)
    number = np.concatenate([[0], np.cumsum(np.diff(ordered) > 1)]) if len(ordered) else ordered
    return dict(zip(ordered.tolist(), number.tolist(), strict=True))


def _things(sample_set: SampleSet, keys: list[str]) -> dict[str, dict[str, Any]]:
    """The foreign keys of each natural key, in a few queries."""
    unique = sorted(set(keys))
    if sample_set.world == SampleSet.World.HISTOGRAMS:
        return {key: {"lumisection_id": pk} for key, pk in _lumisections(unique).items()}
    if sample_set.world == SampleSet.World.CATALOG:
        found = Source.objects.ids_of(unique)
        return {key: {"source_id": pk} for key, pk in found.items()}
    curves = LightCurve.objects.ids_of(unique)
    return {key: {"light_curve_id": pk, "source_id": source} for key, (pk, source) in curves.items()}


def _lumisections(keys: list[str]) -> dict[str, int]:
    wanted: dict[tuple[str, int], set[int]] = {}
    for key in keys:
        experiment, run_number, number = key.rsplit(":", 2)
        wanted.setdefault((experiment, int(run_number)), set()).add(int(number))
    ids: dict[str, int] = {}
    for (experiment, run), numbers in wanted.items():
        rows = (
            Lumisection.objects.of_run(run, experiment).filter(number__in=numbers).values_list("number", "id")
        )
        ids |= {f"{experiment}:{run}:{number}": pk for number, pk in rows}
    return ids


def _detection(
    trial: Trial, rank: int, span: Flagged, why: list[dict[str, Any]], thing: dict[str, Any]
) -> Detection:
    extent = Detection.Extent.WHOLE
    if span.start is not None:
        extent = Detection.Extent.TIME
    elif any("bin" in reason for reason in why):
        extent = Detection.Extent.BINS
    key = f"{span.key} {span.element}".rstrip()
    return Detection(
        trial=trial, rank=rank, position=span.position, key=key[:400], score=span.score, extent=extent,
        time_start=span.start, time_end=span.end, reasons=why, **thing,
    )  # fmt: skip
