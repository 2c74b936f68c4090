"""Detectors, sample sets, trials, their scores and detections over the API."""

import io
import zlib
from typing import Any

import numpy as np
import pytest
from django.test import Client

from detections.detectors import DETECTORS
from detections.models import Detection, SampleSet, ScoreBlock, Trial
from lightcurves.models import Catalog, Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(client: Client, viewer: Any) -> Trial:
    client.force_login(viewer)
    sample_set = SampleSet.objects.create(
        name="ogle3", hash="h", world="catalog", kind="table", recipe={"catalog": "ogle3"}, split="cross",
        n_samples=3, n_scores=3, n_groups=3, n_fit=3, n_score=3,
        keys=zlib.compress(b"ogle3:a\nogle3:b\nogle3:c"), groups=zlib.compress(b"a\nb\nc"),
        roles=[3, 3, 3], folds=[0, 1, 2],
        truth=[0, 1, 0], classes=["RCB"],
    )  # fmt: skip
    trial = Trial.objects.create(
        sample_set=sample_set, detector="knn", inputs="i", code_version="1", top=[[1, 2.5]]
    )
    ScoreBlock.objects.create(trial=trial, number=0, scores=[0.5, 2.5])
    ScoreBlock.objects.create(trial=trial, number=1, scores=[np.nan])
    source = Source.objects.create(catalog=Catalog.objects.create(name="ogle3"), name="b")
    Detection.objects.create(trial=trial, rank=1, position=1, key="ogle3:b", score=2.5, source=source)
    return trial


def test_scores_come_as_json_and_npz(client: Client, trial: Trial) -> None:
    url = f"/api/v1/trials/{trial.pk}/scores/"
    answer = client.get(url)
    assert answer["Content-Type"] == "application/json"
    assert b"".join(answer) == b'{"trial":%d,"scores":[0.5,2.5,null]}' % trial.pk
    file = np.load(io.BytesIO(b"".join(client.get(f"{url}?format=npz"))), allow_pickle=False)
    np.testing.assert_array_equal(file["scores"], [0.5, 2.5, np.nan])
    for query in ("format=csv", "page=1"):
        assert client.get(f"{url}?{query}").status_code == 400
    assert client.get("/api/v1/trials/99999/scores/").status_code == 404


def test_keys_and_truth_of_a_sample_set_come_when_named(client: Client, trial: Trial) -> None:
    url = f"/api/v1/sample-sets/{trial.sample_set_id}/"
    row = client.get(url).json()
    assert row["recipe"] == {"catalog": "ogle3"}
    assert "keys" not in row
    row = client.get(f"{url}?fields=keys,groups,truth").json()
    assert row == {"keys": ["ogle3:a", "ogle3:b", "ogle3:c"], "groups": ["a", "b", "c"], "truth": [0, 1, 0]}


def test_detections_are_found_by_their_trial(client: Client, trial: Trial) -> None:
    for query in (f"trial={trial.pk}", "detector=knn", "sample_set=ogle3", "rank__lte=10", "source=b"):
        rows = client.get(f"/api/v1/detections/?{query}").json()["results"]
        assert [(row["key"], row["source"], row["run"]) for row in rows] == [("ogle3:b", "b", None)]
    assert client.get("/api/v1/detections/?detector=pca").json()["results"] == []


def test_the_heavy_parts_of_a_trial_come_with_it_alone(client: Client, trial: Trial) -> None:
    assert "top" not in client.get("/api/v1/trials/?sample_set=ogle3").json()["results"][0]
    assert client.get(f"/api/v1/trials/{trial.pk}/").json()["top"] == [[1, 2.5]]


def test_what_the_site_knows_to_do_is_listed(client: Client, viewer: Any) -> None:
    client.force_login(viewer)
    listed = client.get("/api/v1/detectors/").json()["results"]
    assert [row["name"] for row in listed] == list(DETECTORS)
    assert all(row["summary"] and row["kinds"] for row in listed)
    assert client.get("/api/v1/detectors/pyod.ECOD/?fields=name").json() == {"name": "pyod.ECOD"}
    worlds = {row["world"] for row in client.get("/api/v1/injections/").json()["results"]}
    assert worlds == {"histograms", "light-curves"}
    assert client.get("/api/v1/metrics/roc_auc/").json()["bigger_is_better"] is True


def test_a_detector_added_to_the_registry_is_in_the_api(
    client: Client, viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(viewer)
    added = type("Added", (DETECTORS["constant"],), {"name": "added", "__doc__": "One more."})
    monkeypatch.setitem(DETECTORS, "added", added)
    assert client.get("/api/v1/detectors/added/").json()["summary"] == "One more."
