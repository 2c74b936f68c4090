"""The page that starts a fetch: only where the service would answer, and checked before it is queued."""

from typing import Any

import pytest
from django.test import Client

from project.fetching import service
from project.models import Job

pytestmark = pytest.mark.django_db
URL = "/load/fetch/"


@pytest.fixture
def as_expert(client: Client, expert: Any, settings: Any) -> Client:
    settings.LUMISIFT_OMS_TOKEN = settings.LUMISIFT_RUNREGISTRY_TOKEN = "not-to-be-shown"
    client.force_login(expert)
    return client


def test_runs_of_oms_are_fetched_by_a_job(as_expert: Client, expert: Any) -> None:
    answer = as_expert.post(URL, {"first": "379000", "last": "379100", "policy": "keep", "again": "on"})
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    assert (job.owner, job.title) == (expert, "fetch from OMS runs 379000 to 379100")
    wanted = {"runs": [379000, 379100], "since": "", "again": True, "policy": "keep", "dry_run": False}
    assert wanted.items() <= job.kwargs.items()


def test_certifications_of_some_datasets_are_fetched_by_a_job(as_expert: Client) -> None:
    typed = {"since": "2024-06-01", "policy": "replace", "datasets": "/PromptReco/*\n/Express/*"}
    assert as_expert.post(f"{URL}?service=runregistry", typed).status_code == 302
    job = Job.objects.get()
    assert job.title == "fetch from Run Registry since 2024-06-01"
    assert job.kwargs["datasets"] == ["/PromptReco/*", "/Express/*"]
    assert job.kwargs["runs"] is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "one of the two"),
        ({"since": "7d", "first": "1", "last": "2"}, "one of the two"),
        ({"first": "7"}, "give the first and the last run"),
        ({"first": "9", "last": "8"}, "are no range"),
        ({"since": "yesterday"}, "neither a date"),
        ({"since": "last"}, "no run of CMS is known yet"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_queued(
    as_expert: Client, typed: dict[str, str], said: str
) -> None:
    answer = as_expert.post(URL, {"policy": "keep", **typed})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Job.objects.exists()


def test_a_site_that_nobody_made_known_there_says_what_to_set(as_expert: Client, settings: Any) -> None:
    settings.LUMISIFT_OMS_TOKEN = ""
    page = as_expert.get(URL).content.decode()
    assert "LUMISIFT_OMS_TOKEN, or LUMISIFT_SSO_CLIENT_ID" in page
    assert 'name="since"' not in page
    answer = as_expert.post(URL, {"since": "7d", "policy": "keep"})
    assert answer.status_code == 400
    assert "cannot be asked before" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_service_of_ones_own_needs_no_token(settings: Any) -> None:
    settings.LUMISIFT_OMS_TOKEN = ""
    assert service("oms").missing
    settings.LUMISIFT_OMS_URL = "https://oms.example.org/api"
    assert not service("oms").missing


def test_a_token_is_never_shown(as_expert: Client) -> None:
    assert "not-to-be-shown" not in as_expert.get(URL).content.decode()
