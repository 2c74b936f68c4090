"""What a detector saw of the things it flagged: read again for these only, and injected again where the set was.

An injection depends on the seed and the thing alone, so a few things get what they got among all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db.models import QuerySet

from detections.models import Detection, SampleSet
from detections.reasons.wording import elements_named
from detections.services.injecting_together import share_of
from detections.services.places import parted
from histos.injections import changed_counts
from histos.models import LumisectionHistogram, MonitoringElement
from histos.querysets import edges_of
from lightcurves.injections import inject as inject_series
from lightcurves.models import LightCurve, Source
from project.asked import objects, plain, rows
from project.samples import HistogramSequence, Series


@dataclass(frozen=True)
class SeenHistogram:
    """``counts`` (cells,) with flow bins; ``before`` as measured, None where nothing was injected."""

    element: MonitoringElement
    dataset: str
    counts: np.ndarray
    before: np.ndarray | None


@dataclass(frozen=True)
class SeenSeries:
    """Good points of one light curve (T,), times in MJD; ``before`` as measured, None where nothing was injected."""

    curve: LightCurve
    times: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    before: np.ndarray | None


@dataclass(frozen=True)
class SeenRow:
    """The columns of one row of a table; NaN where one is missing."""

    values: dict[str, float]


Seen = SeenHistogram | SeenSeries | SeenRow


def seen(sample_set: SampleSet, detections: Sequence[Detection]) -> dict[int, Seen]:
    """By the id of the detection; what is no longer there is left out."""
    parent = sample_set.parent
    recipe: dict[str, Any] = (parent or sample_set).recipe
    injection: dict[str, Any] | None = sample_set.recipe.get("injection") if parent else None
    if sample_set.world == SampleSet.World.HISTOGRAMS:
        if injection is not None and recipe.get("together"):
            injection = {**injection, "fraction": share_of(injection["fraction"], len(recipe["elements"]))}
        return dict(_histograms(detections, recipe, injection))
    if sample_set.kind == Series.kind:
        return dict(_series(detections, recipe, injection))
    if sample_set.world == SampleSet.World.CATALOG:
        return dict(_rows(detections, recipe.get("columns") or []))
    return dict(_features(detections, recipe.get("features") or ()))


def _histograms(
    detections: Sequence[Detection], recipe: dict[str, Any], injection: dict[str, Any] | None
) -> Iterable[tuple[int, Seen]]:
    wanted = {(one.lumisection_id, _element_of(one)): one for one in detections if one.lumisection_id}
    if not wanted:
        return
    for element, stored in _stored(wanted, recipe["dataset"]):
        flagged = [wanted[lumisection, element.name] for lumisection, _ in stored]
        before = np.stack([counts for _, counts in stored])
        after = _injected_histograms(element, [parted(one.key)[0] for one in flagged], before, injection)
        for one, old, new in zip(flagged, before, after, strict=True):
            changed = not np.array_equal(old, new)
            yield one.pk, SeenHistogram(element, recipe["dataset"], new, old if changed else None)


def _element_of(one: Detection) -> str:
    """The element that was flagged; of a whole lumisection the one that its first reason names."""
    own = parted(one.key)[1]
    return own or next(iter(elements_named(one.reasons)), "")


def _stored(
    wanted: Collection[tuple[Any, str]], dataset: str
) -> Iterator[tuple[MonitoringElement, list[tuple[int, np.ndarray]]]]:
    """Element by element the lumisections that are wanted of it, with their counts (cells,)."""
    elements = {element.pk: element for element in elements_named_so(sorted({name for _, name in wanted}))}
    lumisections = sorted({lumisection for lumisection, _ in wanted})
    # The index finds more pairs than are wanted; the counts are read of these only.
    found = _pairs(lumisections, sorted(elements), dataset)
    places = {pk: (one, of) for pk, one, of in found if (one, elements[of].name) in wanted}
    stored: dict[int, list[tuple[int, np.ndarray]]] = defaultdict(list)
    for pk, counts in _counts(list(places)):
        lumisection, element = places[pk]
        stored[element].append((lumisection, counts))
    return ((elements[pk], same) for pk, same in stored.items())


def elements_named_so(names: list[str]) -> list[MonitoringElement]:
    """Of each name every binning."""

    def build() -> QuerySet:
        return MonitoringElement.objects.filter(name__in=names)

    return objects(("named", len(names)), names, build, MonitoringElement)


def _pairs(lumisections: list[int], elements: list[int], dataset: str) -> list[tuple[int, int, int]]:
    """Of each histogram its id, lumisection and element."""

    def build() -> QuerySet:
        rows = (
            LumisectionHistogram.objects.visible().filter(dataset__name=dataset).filter(element__in=elements)
        )
        return rows.filter(lumisection__in=lumisections).values_list("pk", "lumisection_id", "element_id")

    return plain(("pairs", len(elements), len(lumisections)), (dataset, *elements, *lumisections), build)


def _counts(pks: list[int]) -> list[tuple[int, np.ndarray]]:
    def build() -> QuerySet:
        return LumisectionHistogram.objects.filter(pk__in=pks)

    return rows(("counts", len(pks)), pks, build, LumisectionHistogram, ("pk", "counts"))


def _injected_histograms(
    element: MonitoringElement, ids: list[str], counts: np.ndarray, injection: dict[str, Any] | None
) -> np.ndarray:
    if injection is None:
        return counts
    samples = HistogramSequence(
        ids=np.array(ids), groups=np.array(ids), counts=counts, edges=edges_of(element),
        times=np.zeros(len(ids)), entries=counts.sum(axis=1), element=element.name,
    )  # fmt: skip
    return changed_counts(samples, *_how(injection))


def _how(injection: dict[str, Any]) -> tuple[list[str], float, tuple[float, float] | None, int]:
    strength = tuple(injection["strength"]) if injection["strength"] else None
    return injection["kinds"], injection["fraction"], strength, injection["seed"]


def _series(
    detections: Sequence[Detection], recipe: dict[str, Any], injection: dict[str, Any] | None
) -> Iterable[tuple[int, Seen]]:
    ids = {one.light_curve_id for one in detections if one.light_curve_id}
    rows = LightCurve.objects.filter(pk__in=ids)
    samples = rows.as_series()
    after = replace(samples)
    if injection is not None and len(samples):
        after = inject_series(samples, *_how(injection), recipe.get("unit", "")).samples
    places = {str(key): row for row, key in enumerate(samples.ids)}
    curves = {curve.pk: curve for curve in rows.defer("time", "value", "error", "flag")}
    for one in detections:
        row = places.get(one.key)
        if row is not None and one.light_curve_id in curves:
            here = slice(int(samples.offsets[row]), int(samples.offsets[row + 1]))
            old, new = samples.values[here], after.values[here]
            before = None if np.array_equal(old, new, equal_nan=True) else old
            yield (
                one.pk,
                SeenSeries(
                    curves[one.light_curve_id], samples.times[here], new, samples.errors[here], before
                ),
            )


def _rows(detections: Sequence[Detection], columns: list[str]) -> Iterable[tuple[int, Seen]]:
    ids = {one.source_id for one in detections if one.source_id}
    found = Source.objects.filter(pk__in=ids).numbers_of(columns) if ids and columns else {}
    for one in detections:
        if one.source_id in found:
            yield one.pk, SeenRow(dict(zip(columns, found[one.source_id], strict=True)))


def _features(detections: Sequence[Detection], features: Sequence[str]) -> Iterable[tuple[int, Seen]]:
    ids = {one.light_curve_id for one in detections if one.light_curve_id}
    if not ids:
        return
    table = LightCurve.objects.filter(pk__in=ids).as_table(features)
    rows = {str(key): X for key, X in zip(table.ids, table.X, strict=True)}
    for one in detections:
        if one.key in rows:
            yield one.pk, SeenRow(dict(zip(table.columns, rows[one.key].tolist(), strict=True)))
