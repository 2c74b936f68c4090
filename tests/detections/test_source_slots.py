"""What trials say on the page of a source."""

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from detections.models import Detection, SampleSet, Trial
from lightcurves.models import Catalog, LightCurve, Source, Survey

pytestmark = pytest.mark.django_db
TIMES = np.arange(58000.0, 58010.0)


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def curve(db: None) -> LightCurve:
    source = Source.objects.create(catalog=Catalog.objects.create(name="SKY"), name="a", ra=10.0, dec=20.0)
    return LightCurve.objects.create(
        source=source, survey=Survey.objects.create(name="EYE"), band="g", unit="mag", time=TIMES, value=TIMES,
        error=np.ones(10), flag=np.zeros(10, int), n_points=10, time_min=TIMES[0], time_max=TIMES[-1],
    )  # fmt: skip


def trial(name: str, parent: SampleSet | None = None) -> Trial:
    sample_set = SampleSet.objects.create(
        name=f"set of {name}", hash=name, world="light-curves", kind="series", recipe={}, split="transductive",
        n_samples=1, n_scores=10, n_groups=1, n_fit=1, n_score=1, keys=b"", groups=b"", roles=[], folds=[],
        parent=parent,
    )  # fmt: skip
    return Trial.objects.create(sample_set=sample_set, detector=name, inputs=name, code_version="1")


def flag(by: Trial, curve: LightCurve, rank: int, start: float | None = None, **more: Any) -> Detection:
    extent = {"extent": "time", "time_start": start, "time_end": start + 2} if start else {"extent": "whole"}
    thing = {"source": curve.source, "light_curve": curve if start else None}
    return Detection.objects.create(
        trial=by, rank=rank, position=rank, key="SKY:a:EYE:g", score=9.5, **extent, **thing, **more
    )


def figure(client: Client, curve: LightCurve, query: str = "") -> dict[str, Any]:
    return json.loads(client.get(f"/sources/{curve.source_id}/figure.json?unit=mag{query}").content)


def test_time_spans_of_the_best_trial_are_shaded_and_their_points_ringed(
    client: Client, curve: LightCurve
) -> None:
    flag(trial("knn"), curve, 7, 58001.0)
    flag(trial("robust_z"), curve, 2, 58004.0, reasons=[{"steps_back": 0, "pull": 30.02}])
    made = figure(client, curve)
    assert [(shape["x0"], shape["x1"]) for shape in made["layout"]["shapes"]] == [(58004, 58006)]
    assert [note["text"] for note in made["layout"]["annotations"]] == ["#2"]
    assert "detected" in [trace["name"] for trace in made["data"]]
    page = client.get(f"/sources/{curve.source_id}/").content.decode()
    assert "this step: 30 σ high" in page
    assert "58004.0" in page


def test_another_trial_is_asked_for_in_the_address(client: Client, curve: LightCurve) -> None:
    other = trial("knn")
    flag(other, curve, 7, 58001.0)
    flag(trial("robust_z"), curve, 2, 58004.0)
    shapes = figure(client, curve, f"&trial={other.pk}")["layout"]["shapes"]
    assert [shape["x0"] for shape in shapes] == [58001]


def test_what_was_flagged_in_injected_data_must_be_asked_for(client: Client, curve: LightCurve) -> None:
    injected = trial("isolation_forest", parent=trial("parent").sample_set)
    flag(injected, curve, 1, 58004.0)
    assert figure(client, curve)["layout"]["shapes"] == []
    page = client.get(f"/sources/{curve.source_id}/").content.decode()
    assert f"?trial={injected.pk}" in page
    assert "choose one to shade" in page
    chosen = client.get(f"/sources/{curve.source_id}/?trial={injected.pk}").content.decode()
    assert 'pill simulated">injected' in chosen
    assert len(figure(client, curve, f"&trial={injected.pk}")["layout"]["shapes"]) == 1


def test_whole_things_are_listed_with_reasons_and_chance_last(client: Client, curve: LightCurve) -> None:
    flag(trial("random"), curve, 1)
    flag(trial("pca"), curve, 12, reasons=[{"column": "A_1", "pull": 226.6}])
    page = client.get(f"/sources/{curve.source_id}/").content.decode()
    assert page.index("pca on set of pca") < page.index("random on set of random")
    assert "A_1: 227 σ high" in page


def test_a_source_that_nobody_flags_says_so(client: Client, curve: LightCurve) -> None:
    assert "No trial flags this source" in client.get(f"/sources/{curve.source_id}/").content.decode()
