"""What the histograms of light curves promise."""

import numpy as np
import pytest

from histos.lightcurve_histograms import (
    STEP_EDGES,
    store_light_curve_histograms,
    time_step_histogram,
    value_histogram,
)
from histos.models import LightCurveHistogram
from lightcurves.models import LightCurve
from lightcurves.records import LightCurveRecord
from lightcurves.services import LightCurveStore
from project.models import SourceFile


def curve(name, time, value, flag=None):
    time = np.asarray(time, float)
    flag = np.zeros(len(time), np.uint8) if flag is None else np.asarray(flag, np.uint8)
    error = np.full(len(time), np.nan)
    value = np.asarray(value, float)
    return LightCurveRecord(
        line=1, source=name, band="g", time=time, value=value, error=error, flag=flag, unit="mag"
    )


@pytest.fixture
def light_curves(db):
    store, rng = LightCurveStore("SKY", "EYE"), np.random.default_rng(1)
    times = 58000 + np.arange(50.0)
    records = [
        curve("noise", times, rng.normal(15, 0.1, 50)),
        curve("outlier", times, np.where(np.arange(50) == 7, 9.0, rng.normal(15, 0.1, 50))),
        curve("flagged", times, rng.normal(15, 0.1, 50), np.arange(50) < 10),
        curve("bad", times[:3], [1, 2, 3], [1, 1, 1]),
        curve("single", times[:1], [15.0]),
    ]
    file = SourceFile.objects.create(name="made", identity="made", state=SourceFile.State.COMPLETE)
    store.write([store.prepare(record) for record in records], file)
    return LightCurve.objects.all()


def test_every_good_point_is_in_the_histogram(light_curves):
    store_light_curve_histograms(light_curves)
    for row in LightCurveHistogram.objects.select_related("light_curve"):
        good = int((row.light_curve.flag == 0).sum())
        assert row.counts.sum() == (good if row.kind == "value" else good - 1)
        assert len(row.counts) == len(row.edges) + 1
        assert (np.diff(row.edges) > 0).all()


def test_an_outlier_falls_into_the_flow_bin_and_does_not_stretch_the_axis(light_curves):
    store_light_curve_histograms(light_curves)
    row = LightCurveHistogram.objects.get(light_curve__source__name="outlier", kind="value")
    assert row.counts[0] == 1
    assert row.edges[-1] - row.edges[0] < 2


def test_made_once_then_known_and_replaced_when_the_light_curve_changed(light_curves):
    assert store_light_curve_histograms(light_curves) == {"stored": 8, "known": 0, "replaced": 0, "empty": 1}
    assert store_light_curve_histograms(light_curves) == {"stored": 0, "known": 8, "replaced": 0, "empty": 1}
    light_curves.filter(source__name="noise").update(value=np.arange(50.0))
    assert store_light_curve_histograms(light_curves) == {"stored": 0, "known": 7, "replaced": 1, "empty": 1}
    light_curves.filter(source__name="single").update(flag=np.array([1]))
    assert store_light_curve_histograms(light_curves) == {"stored": 0, "known": 6, "replaced": 0, "empty": 2}
    assert LightCurveHistogram.objects.count() == 6


def test_batches_change_nothing(light_curves, monkeypatch):
    store_light_curve_histograms(light_curves)
    monkeypatch.setattr("histos.lightcurve_histograms.BATCH_CURVES", 2)
    assert store_light_curve_histograms(light_curves)["known"] == 8


def test_queries_do_not_grow_with_the_light_curves(light_curves, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        store_light_curve_histograms(light_curves)


def test_a_constant_has_a_histogram_too():
    edges, counts = value_histogram(np.full(5, 12.0))
    assert counts.sum() == counts[1:-1].sum() == 5
    assert (np.diff(edges) > 0).all()


def test_time_steps_are_decades_of_days():
    edges, counts = time_step_histogram(np.array([0.0, 0.0, 1.0, 11.0, 11.1]))
    assert edges is STEP_EDGES
    assert counts[0] == 1
    middle = [np.searchsorted(edges, step, side="right") for step in (0.0, 1.0)]
    assert counts[middle].tolist() == [1, 1]
    assert counts.sum() == 4
