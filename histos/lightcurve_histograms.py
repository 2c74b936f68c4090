"""Histograms of light curves: of their values and of their time steps. The only writer of them."""

from collections.abc import Iterator

import numpy as np
from django.db import transaction

from histos.models import LightCurveHistogram
from lightcurves.querysets import LightCurveQuerySet
from project import bulk
from project.jobs.reporter import Reporter
from project.vectors import decode, encode

VALUE, TIME_STEP = LightCurveHistogram.Kind.VALUE, LightCurveHistogram.Kind.TIME_STEP
FIELDS = ("light_curve", "kind", "edges", "counts")
BATCH_CURVES = 1_000
SIGMA_OF_MAD = 1.4826
VALUE_BINS, WIDTH = 40, 10.0  # bins over 10 sigma: a quarter of one each
STEP_EDGES = np.linspace(-4.0, 4.0, 33)  # log10 of days, 9 s to 27 years: the same for every light curve

Key = tuple[int, str]
Blobs = tuple[bytes, bytes]


def value_histogram(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges in the unit of ``value`` and counts with under- and overflow, for the middle 10 robust sigma."""
    middle = float(np.median(value))
    sigma = SIGMA_OF_MAD * float(np.median(np.abs(value - middle))) or float(value.std())
    half = WIDTH / 2 * sigma or max(abs(middle), 1.0) * 1e-6
    edges = np.linspace(middle - half, middle + half, VALUE_BINS + 1)
    return edges, _counts(value, edges)


def time_step_histogram(time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges in log10 of days and counts of the steps between neighbours; no step at all is underflow."""
    with np.errstate(divide="ignore"):
        return STEP_EDGES, _counts(np.log10(np.diff(time)), STEP_EDGES)


def _counts(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """One more bin at each end for what lies outside; as UHI has it, a bin holds its lower edge."""
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)


def store_light_curve_histograms(
    light_curves: LightCurveQuerySet, reporter: Reporter | None = None
) -> dict[str, int]:
    """Make the histograms of these light curves from their good points (flag 0).

    ``stored`` are new, ``known`` there already, ``replaced`` those whose light curve has changed
    since; a light curve without a good point is ``empty``: it has none.
    """
    reporter = reporter or Reporter()
    total = light_curves.count()
    counts = {"stored": 0, "known": 0, "replaced": 0, "empty": 0}
    done = 0
    for rows in _batches(light_curves):
        made: dict[Key, Blobs] = {}
        for pk, *blobs in rows:
            histograms = _histograms(*map(decode, blobs))
            counts["empty"] += not histograms
            made |= {(pk, kind): blobs for kind, blobs in histograms.items()}
        for name, number in _store(made, [row[0] for row in rows]).items():
            counts[name] += number
        done += len(rows)
        reporter.update(done / total, "histograms of light curves", **counts)
    return counts


def _batches(light_curves: LightCurveQuerySet) -> Iterator[list[tuple]]:
    columns = light_curves.visible().order_by("pk").values_list("pk", "time", "value", "flag")
    rows = bulk.raw_rows(columns[:BATCH_CURVES])
    while rows:
        yield rows
        rows = bulk.raw_rows(columns.filter(pk__gt=rows[-1][0])[:BATCH_CURVES])


def _histograms(time: np.ndarray, value: np.ndarray, flag: np.ndarray) -> dict[str, Blobs]:
    good = flag == 0
    if not good.any():
        return {}
    made = {VALUE: value_histogram(value[good].astype(float)), TIME_STEP: time_step_histogram(time[good])}
    return {kind: (encode(edges, "<f8"), encode(counts)) for kind, (edges, counts) in made.items()}


def _store(made: dict[Key, Blobs], curves: list[int]) -> dict[str, int]:
    """One transaction: insert what is new, replace what has changed, remove what has no good point now."""
    with transaction.atomic():
        stored = LightCurveHistogram.objects.filter(light_curve_id__in=curves)
        rows = bulk.raw_rows(stored.values_list("light_curve_id", "kind", "pk", "edges", "counts"))
        there = {(curve, kind): (pk, tuple(map(bytes, blobs))) for curve, kind, pk, *blobs in rows}
        new = [(*key, *blobs) for key, blobs in made.items() if key not in there]
        changed = {key: blobs for key, blobs in made.items() if key in there and there[key][1] != blobs}
        bulk.insert(LightCurveHistogram, FIELDS, new)
        for key, (edges, counts) in changed.items():
            LightCurveHistogram.objects.filter(pk=there[key][0]).update(edges=edges, counts=counts)
        gone = [pk for key, (pk, _) in there.items() if key not in made]
        LightCurveHistogram.objects.filter(pk__in=gone).delete()
    return {"stored": len(new), "replaced": len(changed), "known": len(made) - len(new) - len(changed)}
