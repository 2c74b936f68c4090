"""Pages that start work: what is typed is checked as the API checks it, said beside its field, and queued as a job."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from detections.models import SampleSet
from project.models import ApiToken, Job
from tests.histos.csv_files import HEADER, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_expert(client: Client, expert: Any) -> Client:
    client.force_login(expert)
    return client


def test_a_set_is_frozen_from_the_page(
    as_expert: Client, simulated_histograms: dict[str, Any], expert: Any
) -> None:
    typed = {
        "name": "mine", "dataset": simulated_histograms["dataset"], "elements": "*\n\n",
        "experiment": simulated_histograms["experiment"], "runs": "", "fit_flag": "", "split": "cross", "folds": "2",
        "fit_fraction": "0.5", "seed": "7",
    }  # fmt: skip
    answer = as_expert.post("/samples/new/?world=histograms", typed)
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    assert job.owner == expert
    assert job.kwargs["recipe"] == simulated_histograms
    assert job.kwargs["seed"] == 7


def test_a_set_with_one_score_a_lumisection_fitted_on_golden_ones_is_frozen_from_the_page(
    as_expert: Client, simulated_histograms: dict[str, Any]
) -> None:
    typed = {"name": "mine", "elements": "*", "together": "on", "fit_flag": "golden", "split": "cross"}
    where = {name: simulated_histograms[name] for name in ("dataset", "experiment")}
    answer = as_expert.post("/samples/new/?world=histograms", typed | where)
    assert answer.status_code == 302
    assert Job.objects.get().kwargs["recipe"] == simulated_histograms | {
        "together": True,
        "fit_flag": "golden",
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "a", "folds": "many"}, "A valid integer is required"),
        ({"name": "a", "dataset": "none"}, "there is no dataset"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_queued(
    as_expert: Client, simulated_histograms: dict[str, Any], typed: dict[str, str], said: str
) -> None:
    answer = as_expert.post(
        "/samples/new/",
        {"dataset": simulated_histograms["dataset"], "elements": "*", "split": "cross", **typed},
    )
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Job.objects.exists()


def test_anomalies_are_injected_from_the_page(as_expert: Client, histogram_set: SampleSet) -> None:
    page = as_expert.get(f"/samples/{histogram_set.pk}/inject/").content.decode()
    assert "dead_bins" in page
    typed = {
        "name": "faulty",
        "kinds": ["shift", "noise"],
        "fraction": "0.2",
        "strength": "0.1\n0.5",
        "seed": "3",
    }
    answer = as_expert.post(f"/samples/{histogram_set.pk}/inject/", typed)
    assert answer.status_code == 302
    asked = Job.objects.get().kwargs
    assert asked["parent"] == histogram_set.name
    assert asked["kinds"] == ["shift", "noise"]
    assert asked["strength"] == [0.1, 0.5]


def test_chosen_detectors_run_with_what_differs_from_the_default(
    as_expert: Client, histogram_set: SampleSet
) -> None:
    url = f"/samples/{histogram_set.pk}/trials/new/"
    page = as_expert.get(url).content.decode()
    assert 'value="reference_chi2"' in page
    typed = {
        "detector": ["isolation_forest", "constant"], "isolation_forest.trees": "50",
        "isolation_forest.subsample": "256", "named": "pyod.HBOS", "seed": "0", "alarm_fraction": "0.01",
    }  # fmt: skip
    assert as_expert.post(url, typed).status_code == 302
    asked = Job.objects.get().kwargs
    assert asked["detectors"] == [
        {"name": "constant", "params": {}},
        {"name": "isolation_forest", "params": {"trees": 50}},
        {"name": "pyod.HBOS", "params": {}},
    ]


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"detector": "isolation_forest", "isolation_forest.trees": "-3"},
        {"detector": "isolation_forest", "isolation_forest.trees": "many"},
        {"named": "pyod.NoSuch"},
        {"detector": "isolation_forest", "seed": "x"},
    ],
)
def test_wrong_choices_of_detectors_are_refused(
    as_expert: Client, histogram_set: SampleSet, typed: dict[str, str]
) -> None:
    answer = as_expert.post(f"/samples/{histogram_set.pk}/trials/new/", typed)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Job.objects.exists()


def test_a_set_without_truth_cannot_be_compared(as_expert: Client, histogram_set: SampleSet) -> None:
    answer = as_expert.post(f"/samples/{histogram_set.pk}/compare/", {"metric": "average_precision"})
    assert answer.status_code == 400
    assert "no truth to compare with" in answer.content.decode()


def test_a_file_is_uploaded_from_the_page_and_its_options_are_checked(as_expert: Client) -> None:
    page = as_expert.get("/load/?kind=histograms").content.decode()
    assert "ml4dqm-csv" in page
    content = (HEADER + row(1, 1, "charge", [1, 2, 3, 4])).encode()
    file = SimpleUploadedFile("mine.csv", content)
    typed = {"file": file, "reader": "ml4dqm-csv", "policy": "keep", "dataset": "", "experiment": "CMS"}
    refused = as_expert.post("/load/?kind=histograms", typed)
    assert refused.status_code == 400
    assert not Job.objects.exists()
    file.seek(0)
    answer = as_expert.post("/load/?kind=histograms", {**typed, "dataset": "ZeroBias"})
    assert answer.status_code == 302
    assert Job.objects.get().title == "load mine.csv"


def test_a_missing_file_is_said(as_expert: Client) -> None:
    answer = as_expert.post(
        "/load/?kind=histograms", {"reader": "ml4dqm-csv", "dataset": "d", "policy": "keep"}
    )
    assert answer.status_code == 400
    assert "Choose a file." in answer.content.decode()


def test_the_demonstration_is_started_once(as_expert: Client) -> None:
    first, second = as_expert.post("/load/demo/"), as_expert.post("/load/demo/")
    assert first.headers["Location"] == second.headers["Location"]
    assert Job.objects.count() == 1


@pytest.mark.parametrize("url", ["/load/", "/samples/new/", "/load/demo/"])
@pytest.mark.parametrize("role", ["viewer", "shifter"])
def test_only_experts_start_work(client: Client, request: pytest.FixtureRequest, role: str, url: str) -> None:
    client.force_login(request.getfixturevalue(role))
    assert client.post(url).status_code == 403
    client.logout()
    assert client.post(url).headers["Location"].startswith("/login/")


def test_a_token_is_shown_once_and_revoked_by_its_owner_only(
    client: Client, shifter: Any, expert: Any
) -> None:
    client.force_login(shifter)
    page = client.post("/profile/tokens/", {"name": "cron", "scope": "read", "days": "30"}).content.decode()
    token = ApiToken.objects.get()
    text = page.split('id="fresh">')[1].split("<")[0]
    assert text.startswith(f"lsf_{token.public_id}_")
    assert text not in client.get("/profile/").content.decode()
    asked = Client().get("/api/v1/runs/", headers={"Authorization": f"Bearer {text}"})
    assert asked.status_code == 200
    client.force_login(expert)
    assert client.post(f"/profile/tokens/{token.pk}/revoke/").status_code == 404
    client.force_login(shifter)
    assert client.post(f"/profile/tokens/{token.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/runs/", headers={"Authorization": f"Bearer {text}"}).status_code == 401


@pytest.mark.parametrize(
    "typed", [{"days": "0"}, {"days": "9999"}, {"days": "x"}, {"name": ""}, {"scope": "all"}]
)
def test_a_wrong_token_is_not_made(client: Client, viewer: Any, typed: dict[str, str]) -> None:
    client.force_login(viewer)
    answer = client.post("/profile/tokens/", {"name": "a", "scope": "read", "days": "1", **typed})
    assert answer.status_code == 400
    assert not ApiToken.objects.exists()
