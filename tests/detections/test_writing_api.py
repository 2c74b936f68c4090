"""Starting work over the API: checked to the last field, then queued, and done by the worker as by a command."""

from typing import Any

import pytest
from django.test import Client

from detections.models import Comparison, SampleSet, Trial
from detections.services import run_trial
from project.jobs import services
from project.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, expert: Any) -> None:
    client.force_login(expert)


def post(client: Client, name: str, body: Any) -> Any:
    return client.post(f"/api/v1/{name}/", body, content_type="application/json")


def worked(answer: Any) -> dict[str, Any]:
    """The end of the job that was answered with, after a worker took it."""
    assert answer.status_code == 202, answer.content
    job = services.claim()
    assert job is not None
    assert answer["Location"] == f"/api/v1/jobs/{job.pk}/"
    assert answer.json()["state"] == "queued"
    services.work_on(job)
    assert job.state == Job.State.SUCCEEDED, job.error
    assert job.owner.username == "expert"
    return job.result


def refused(answer: Any, field: str, says: str = "") -> None:
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), answer.content
    assert field in answer.json()["errors"], answer.json()
    assert says in " ".join(answer.json()["errors"][field])
    assert not Job.objects.exists()


def test_a_set_is_frozen_as_the_command_does(client: Client, simulated_histograms: dict[str, Any]) -> None:
    body = {"name": "sim", "world": "histograms", "recipe": simulated_histograms, "folds": 2, "seed": 3}
    result = worked(post(client, "sample-sets", body))
    made = SampleSet.objects.get()
    assert (result["sample_set"], made.name, made.owner.username) == (made.pk, "sim", "expert")
    without = {name: value for name, value in simulated_histograms.items() if name != "experiment"}
    assert without["dataset"]
    again = worked(post(client, "sample-sets", {**body, "name": "the same"}))
    assert (again["hash"], again["new"]) == (made.hash, False)


def test_a_catalogue_with_truth_is_frozen(client: Client, make_catalog: Any) -> None:
    result = worked(
        post(client, "sample-sets", {"name": "toy", "world": "catalog", "recipe": make_catalog()})
    )
    assert result["truth"] == 12


def test_a_child_is_injected(client: Client, histogram_set: SampleSet) -> None:
    body = {
        "parent": "sim",
        "name": "faults",
        "kinds": ["dead_bins"],
        "fraction": 0.2,
        "strength": [0.5, 1.0],
    }
    result = worked(post(client, "sample-sets", body))
    child = SampleSet.objects.get(pk=result["sample_set"])
    assert (child.parent, child.classes) == (histogram_set, ["dead_bins"])
    assert client.get("/api/v1/sample-sets/?name=faults").json()["results"][0]["parent"] == "sim"


CATALOG = {"catalog": "toy", "columns": ["mag"]}
FREEZE = {"name": "n", "world": "catalog", "recipe": CATALOG}


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ([], "request", "an object"),
        ({}, "name", "required"),
        ({**FREEZE, "name": "x" * 129}, "name", "128"),
        ({**FREEZE, "name": "a\0b"}, "name", ""),
        ({**FREEZE, "name": "a\u202eb"}, "name", "printed"),
        ({**FREEZE, "name": "   "}, "name", ""),
        ({**FREEZE, "nmae": "x"}, "nmae", "unknown field"),
        ({**FREEZE, "world": "sky"}, "world", "catalog"),
        ({**FREEZE, "recipe": "toy"}, "recipe", "object"),
        ({**FREEZE, "recipe": {"catalog": "toy"}}, "recipe.columns", "needed"),
        ({**FREEZE, "recipe": {**CATALOG, "dataset": "ZeroBias"}}, "recipe.dataset", ""),
        ({**FREEZE, "recipe": {**CATALOG, "catalog": "none"}}, "recipe.catalog", "no catalogue"),
        ({**FREEZE, "recipe": {**CATALOG, "columns": ["mag", "\0"]}}, "recipe.columns.1", ""),
        ({**FREEZE, "recipe": {**CATALOG, "columns": []}}, "recipe.columns", ""),
        (
            {**FREEZE, "recipe": {**CATALOG, "truth": {"attribute": "Type"}}},
            "recipe.truth.values",
            "required",
        ),
        ({**FREEZE, "recipe": {**CATALOG, "runs": [1]}}, "recipe.runs", "no meaning"),
        ({**FREEZE, "folds": 1}, "folds", "2"),
        ({**FREEZE, "folds": -1}, "folds", ""),
        ({**FREEZE, "folds": True}, "folds", ""),
        ({**FREEZE, "folds": 10**30}, "folds", ""),
        ({**FREEZE, "fit_fraction": "much"}, "fit_fraction", ""),
        ({**FREEZE, "seed": -1}, "seed", ""),
        ({**FREEZE, "seed": 2**63}, "seed", ""),
    ],
)
def test_a_wrong_freeze_is_told_by_field(
    client: Client, make_catalog: Any, body: Any, field: str, says: str
) -> None:
    make_catalog()
    refused(post(client, "sample-sets", body), field, says)
    assert not SampleSet.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"parent": "nowhere"}, "parent"), ({"kinds": ["flood"]}, "kinds"), ({"kinds": []}, "kinds"),
        ({"fraction": 0}, "fraction"), ({"fraction": 1.5}, "fraction"), ({"strength": [2, 1]}, "strength"),
        ({"strength": [1]}, "strength"), ({"world": "catalog"}, "world"),
    ],
)  # fmt: skip
def test_a_wrong_injection_is_told_by_field(
    client: Client, histogram_set: SampleSet, more: dict[str, Any], field: str
) -> None:
    refused(post(client, "sample-sets", {"parent": "sim", "name": "faults", **more}), field)


def test_a_table_takes_no_injection(client: Client, catalog_set: SampleSet) -> None:
    refused(post(client, "sample-sets", {"parent": "toy", "name": "x"}), "parent", "nothing can be injected")


def test_several_detectors_run_in_one_job(client: Client, catalog_set: SampleSet) -> None:
    detectors = [{"name": "knn", "params": {"k": 3}}, {"name": "robust_z"}]
    result = worked(post(client, "trials", {"sample_set": "toy", "detectors": detectors, "seed": 4}))
    assert result["stored"] == 2
    trials = Trial.objects.order_by("id")
    assert [(one.detector, one.seed, one.owner.username) for one in trials] == [
        ("knn", 4, "expert"), ("robust_z", 4, "expert"),
    ]  # fmt: skip
    assert trials[0].params["k"] == 3


def test_a_set_is_found_by_the_start_of_its_hash(client: Client, catalog_set: SampleSet) -> None:
    worked(post(client, "trials", {"sample_set": catalog_set.hash[:12], "detector": "robust_z"}))
    assert Trial.objects.get().sample_set == catalog_set


TRIAL = {"sample_set": "toy", "detector": "knn"}


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({**TRIAL, "sample_set": "nowhere"}, "sample_set", "no sample set"),
        ({**TRIAL, "detector": "knnn"}, "detector", "knn"),
        ({**TRIAL, "params": {"k": 0}}, "params", "k is between"),
        ({**TRIAL, "params": {"K": 1}}, "params", "no parameter K"),
        ({**TRIAL, "params": [1]}, "params", "object"),
        ({"sample_set": "toy", "detector": "pyod.ECOD", "params": {"contamination": "a\0"}}, "params", "NUL"),
        ({"sample_set": "toy"}, "detector", "give detector"),
        ({**TRIAL, "detectors": [{"name": "knn"}]}, "detector", "not both"),
        ({"sample_set": "toy", "detectors": []}, "detectors", ""),
        ({"sample_set": "toy", "detectors": [{"name": "none"}]}, "detectors.0.name", "no detector"),
        ({"sample_set": "toy", "detectors": [{"name": "knn"}, {"name": "knn", "params": {"k": "x"}}]},
         "detectors.1.params", "k is int"),
        ({**TRIAL, "alarm_fraction": 2}, "alarm_fraction", "1"),
        ({**TRIAL, "seed": 1.5}, "seed", ""),
    ],
)  # fmt: skip
def test_a_wrong_trial_is_told_by_field(
    client: Client, catalog_set: SampleSet, body: Any, field: str, says: str
) -> None:
    refused(post(client, "trials", body), field, says)


def test_trials_are_compared(client: Client, catalog_set: SampleSet) -> None:
    trials = [run_trial(catalog_set, name)[0].pk for name in ("knn", "robust_z")]
    body = {"sample_set": "toy", "trials": trials, "metric": "roc_auc", "n_boot": 20}
    result = worked(post(client, "comparisons", body))
    made = Comparison.objects.get(pk=result["comparison"])
    assert made.owner.username == "expert"
    assert made.params["metric"] == "roc_auc"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"trials": [987654]}, "trials"), ({"trials": ["one"]}, "trials.0"), ({"metric": "luck"}, "metric"),
        ({"far": 0}, "far"), ({"far": 1}, "far"), ({"k": 0}, "k"), ({"n_boot": 10**6}, "n_boot"),
    ],
)  # fmt: skip
def test_a_wrong_comparison_is_told_by_field(
    client: Client, catalog_set: SampleSet, more: dict[str, Any], field: str
) -> None:
    run_trial(catalog_set, "robust_z")
    refused(post(client, "comparisons", {"sample_set": "toy", **more}), field)


def test_nothing_is_compared_without_truth_or_trials(
    client: Client, histogram_set: SampleSet, catalog_set: SampleSet
) -> None:
    refused(post(client, "comparisons", {"sample_set": "sim"}), "sample_set", "no truth")
    refused(post(client, "comparisons", {"sample_set": "toy"}), "trials", "no finished trial")


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400), (b"\xff", "application/json", 400), (b"x", "text/csv", 415),
        (b'{"name": "\\ud800"}', "application/json", 400), (b"[" * 100_000, "application/json", 400),
        (b'{"folds": NaN}', "application/json", 400), (b"", "application/json", 400),
        (b'"' + b"x" * (2 << 20) + b'"', "application/json", 413),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(client: Client, content: bytes, kind: str, status: int) -> None:
    answer = client.post("/api/v1/sample-sets/", content, content_type=kind)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")


def test_a_parameter_is_refused_before_anything_is_written(client: Client, catalog_set: SampleSet) -> None:
    answer = client.post("/api/v1/trials/?fields=id", TRIAL, content_type="application/json")
    assert answer.status_code == 400
    assert not Job.objects.exists()
