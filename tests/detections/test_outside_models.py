"""Models from outside on the site: by run and lumisection, by revision, by who sent them, beside the built-in ones."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client
from pyarrow import ipc, parquet

from detections.models import SampleSet, Trial
from detections.querysets import scores_of
from detections.services import compare_trials, inject_samples, open_set, run_trial
from detections.services.freezing import unpacked
from project.samples import HistogramSequence
from tests.detections.test_outside_scores import URL, as_arrow, as_csv, as_json, as_parquet, send, send_json

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, expert: Any) -> None:
    client.force_login(expert)


def by_lumisection(
    sample_set: SampleSet, *, element: bool = True, experiment: bool = False
) -> dict[str, list[Any]]:
    """A score for every sample in an order that is not that of the set; its number is its place in the set."""
    keys = unpacked(sample_set.keys)
    order = np.random.default_rng(2).permutation(len(keys))
    parts = [keys[place].partition(" ") for place in order]
    places = [place.rsplit(":", 2) for place, _, _ in parts]
    columns: dict[str, list[Any]] = {
        "run": [int(run) for _, run, _ in places],
        "lumisection": [int(number) for _, _, number in places],
        "score": [float(place) for place in order],
    }
    if element:
        columns["element"] = [name for _, _, name in parts]
    if experiment:
        columns["experiment"] = [name for name, _, _ in places]
    return columns


@pytest.mark.parametrize("form", [as_json, as_csv, as_parquet, as_arrow])
@pytest.mark.parametrize("experiment", [False, True])
def test_scores_are_keyed_by_run_and_lumisection(
    client: Client, histogram_set: SampleSet, form: Callable[..., bytes], experiment: bool
) -> None:
    columns = by_lumisection(histogram_set, experiment=experiment)
    columns["score"][3] = None
    answer = send(client, form(columns), sample_set="sim")
    assert answer.status_code == 201, answer.content
    scores = scores_of(Trial.objects.get())
    assert np.isnan(scores).sum() == 1
    scored = np.isfinite(scores)
    assert np.array_equal(scores[scored], np.arange(len(scores))[scored])


def test_the_element_may_be_left_out_where_the_set_has_one(client: Client, histogram_set: SampleSet) -> None:
    elements = {key.partition(" ")[2] for key in unpacked(histogram_set.keys)}
    columns = by_lumisection(histogram_set, element=False)
    answer = send_json(client, columns, sample_set="sim")
    assert answer.status_code == (201 if len(elements) == 1 else 400)


def test_scores_of_an_injected_set_are_keyed_the_same(client: Client, histogram_set: SampleSet) -> None:
    child, _ = inject_samples(histogram_set, "sim-faults", fraction=0.3, seed=1)
    assert send_json(client, by_lumisection(child), sample_set="sim-faults").status_code == 201


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"run": "x"}, "row 1: run 'x' is not a whole number"), ({"run": 0}, "1 not of the set: row 1"),
        ({"lumisection": -1}, "row 1: lumisection -1 is not a whole number"),
        ({"element": ""}, "row 1: element '' is not a text"), ({"element": "nothing"}, "1 not of the set: row 1"),
        ({"lumisection": 1.5}, "row 1: lumisection 1.5 is not a whole number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_row(
    client: Client, histogram_set: SampleSet, change: dict[str, Any], says: str
) -> None:
    columns = by_lumisection(histogram_set)
    for name, value in change.items():
        columns[name][0] = value
    reasons = send_json(client, columns, sample_set="sim").json()["errors"]["scores"]
    assert any(says in reason for reason in reasons), reasons
    assert not Trial.objects.exists()


def test_every_revision_is_compared_under_its_name_and_its_sender(
    client: Client, catalog_set: SampleSet
) -> None:
    keys = unpacked(catalog_set.keys)
    rng = np.random.default_rng(0)
    for revision in ("v1", "v2"):
        scores = {"key": keys, "score": rng.normal(size=len(keys)).tolist()}
        assert send_json(client, scores, revision=revision).status_code == 201
    run_trial(catalog_set, "random")
    trials = list(catalog_set.trials.all())
    both, _ = compare_trials(catalog_set, trials, n_boot=5)
    names = {"outside.autoencoder@v1", "outside.autoencoder@v2", "random"}
    assert set(both.results["trials"]) == names
    told = both.results["outside"]["outside.autoencoder@v2"]
    assert (told["model"], told["revision"], told["who"]) == ("autoencoder", "v2", "expert")
    assert set(compare_trials(catalog_set, n_boot=5)[0].results["trials"]) == names - {
        "outside.autoencoder@v1"
    }
    page = client.get(f"/compare/{both.pk}/").content.decode()
    assert "outside.autoencoder@v1" in page
    assert "sent by expert" in page


def test_a_model_has_a_page_with_its_revisions(client: Client, catalog_set: SampleSet) -> None:
    keys = unpacked(catalog_set.keys)
    for revision in ("v1", "v2"):
        assert (
            send_json(client, {"key": keys, "score": [1.0] * len(keys)}, revision=revision).status_code == 201
        )
    page = client.get("/detectors/outside.autoencoder/")
    assert page.status_code == 200
    text = page.content.decode()
    assert text.index(">v2<") < text.index(">v1<")
    assert "expert" in text
    assert client.get("/detectors/outside.nothing/").status_code == 404
    trial = Trial.objects.first()
    assert trial is not None
    for url in (f"/trials/{trial.pk}/", f"/samples/{catalog_set.pk}/", "/anomalies/"):
        assert "revision v2" in client.get(url).content.decode(), url
    assert "sent by expert" in client.get(f"/trials/{trial.pk}/").content.decode()


def test_trials_are_found_by_revision_and_sender(client: Client, catalog_set: SampleSet) -> None:
    keys = unpacked(catalog_set.keys)
    send_json(client, {"key": keys, "score": [1.0] * len(keys)}, revision="v1")
    for query, number in (("code_version=v1", 1), ("code_version=v2", 0), ("owner=expert&outside=true", 1)):
        assert len(client.get(f"{URL}?{query}").json()["results"]) == number, query
    assert client.get(f"{URL}?owner=expert").json()["results"][0]["owner"] == "expert"


def test_a_threshold_is_changed_afterwards(client: Client, catalog_set: SampleSet) -> None:
    keys = unpacked(catalog_set.keys)
    trial = send_json(client, {"key": keys, "score": list(range(len(keys)))}).json()
    changed = client.patch(
        f"{URL}{trial['id']}/", {"threshold": len(keys) - 5}, content_type="application/json"
    )
    assert changed.json()["threshold"] == len(keys) - 5
    assert Trial.objects.get().detections.count() == 5


def fetch(client: Client, sample_set: SampleSet, query: str) -> Any:
    return client.get(f"/api/v1/sample-sets/{sample_set.pk}/matrix/?{query}")


@pytest.mark.parametrize("name", ["npz", "arrow", "parquet", "csv"])
def test_a_model_gets_what_detectors_see_without_the_truth(
    name: str, client: Client, histogram_set: SampleSet
) -> None:
    child, _ = inject_samples(histogram_set, "sim-faults", fraction=0.3, seed=1)
    part = open_set(child).parts[0]
    assert isinstance(part, HistogramSequence)
    answer = fetch(client, child, f"format={name}&element={part.element}")
    assert answer.status_code == 200, answer.content
    data = b"".join(answer)
    found = columns_of(name, data, part.counts.shape[1])
    np.testing.assert_array_equal(found["counts"], part.counts)
    np.testing.assert_array_equal(found["role"], part.roles)
    ids = [f"{run}:{number}" for run, number in zip(found["run"], found["lumisection"], strict=True)]
    assert ids == [key.partition(":")[2] for key in part.ids]
    assert b"truth" not in data
    assert answer["ETag"] == f'"{child.hash}"'


def columns_of(name: str, data: bytes, cells: int) -> dict[str, Any]:
    if name == "npz":
        arrays = np.load(io.BytesIO(data), allow_pickle=False)
        return {**arrays, "counts": arrays["counts"].reshape(-1, cells)}
    if name == "csv":
        import pandas as pd

        frame = pd.read_csv(io.BytesIO(data))
        return {**{one: frame[one] for one in frame}, "counts": frame.filter(like="bin_").to_numpy(float)}
    table = ipc.open_stream(data).read_all() if name == "arrow" else parquet.read_table(pa.BufferReader(data))
    counts = table["counts"].combine_chunks().values.to_numpy().reshape(-1, cells)
    return {**{one: table[one].to_numpy() for one in ("run", "lumisection", "role")}, "counts": counts}


def test_what_is_no_matrix_is_refused(
    client: Client, histogram_set: SampleSet, catalog_set: SampleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no matrix" in fetch(client, catalog_set, "").json()["detail"]
    assert fetch(client, histogram_set, "element=nothing").status_code == 400
    assert fetch(client, histogram_set, "format=xml&truth=1").json()["errors"].keys() == {"format", "truth"}
    monkeypatch.setattr("detections.sets.matrix_api.MOST_VALUES", 10)
    assert "too many" in fetch(client, histogram_set, "").json()["errors"]["element"][0]


def test_json_describes_the_set(client: Client, histogram_set: SampleSet) -> None:
    element = json.loads(json.dumps(histogram_set.recipe))["elements"][0].rpartition("@")[0]
    said = fetch(client, histogram_set, f"element={element}").json()
    assert (said["sample_set"], said["roles"]["1"]) == ("sim", "fit")
