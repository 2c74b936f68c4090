"""Every error of the API says what was wrong and in which field."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

LIST = "/api/v1/lumisection-histograms/"
WRONG = {
    "nonsense=1": ("nonsense", "unknown parameter"),
    "run=abc": ("run", "not a whole number"),
    "run=99999999999999999999": ("run", "not a whole number"),
    "run__in=1,x": ("run__in", "not a whole number"),
    "run=": ("run", "not a whole number"),
    "entries__gte=nan": ("entries__gte", "not a finite number"),
    "element=a%00b": ("element", "NUL"),
    "element=": ("element", "at least one character"),
    "element=a&element=b": ("element", "more than once"),
    "page_size=1001": ("page_size", "from 1 to 1000"),
    "page_size=0": ("page_size", "from 1 to 1000"),
    "page_size=²": ("page_size", "from 1 to 1000"),
    "ordering=entries": ("ordering", "there is id, element, lumisection"),
    "fields=id,secret": ("fields", "no field 'secret'; there is id, experiment, run"),
    "fields=": ("fields", "no field ''"),
    "cursor=abc": ("cursor", "not a cursor"),
    "cursor=WyJpZCIsZmFsc2UsWyJ4Il1d": ("cursor", "not a cursor"),
    "cursor=WyJpZCIsZmFsc2UsW11d": ("cursor", "not a cursor"),
    "cursor=WyJpZCIsZmFsc2UsW1sxXV1d": ("cursor", "not a cursor"),
    "format=xml": ("format", "there is json, uhi"),
    "format=uhi&fields=id": ("fields", "leave fields out"),
    "dimension=1.5": ("dimension", "not a whole number"),
}


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_parameter_is_a_400_that_names_it(query: str, client: Client) -> None:
    field, reason = WRONG[query]
    answer = client.get(f"{LIST}?{query}")
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["title"]) == (400, 400, "Bad Request")
    assert list(problem["errors"]) == [field]
    assert reason in problem["errors"][field][0]


def test_all_wrong_parameters_are_named_at_once(client: Client) -> None:
    problem = client.get(f"{LIST}?run=x&page_size=y&z=1").json()
    assert set(problem["errors"]) == {"run", "page_size", "z"}


@pytest.mark.parametrize(
    ("url", "query", "reason"),
    [
        ("/api/v1/runs/", "start_time__gte=yesterday", "not a time"),
        ("/api/v1/runs/", "start_time__gte=0001-01-01T00:00:00%2B14:00", "not a time"),
        ("/api/v1/runs/", "simulated=1", "neither true nor false"),
        ("/api/v1/jobs/", "state=sleeping", "not one of queued, running"),
        ("/api/v1/detectors/", "page_size=5", "unknown parameter; there is fields, format"),
        ("/api/v1/runs/", "number__in=" + "1," * 1000 + "1", "at most 1000"),
    ],
)
def test_other_kinds_of_values_are_read_strictly_too(
    url: str, query: str, reason: str, client: Client
) -> None:
    answer = client.get(f"{url}?{query}")
    assert answer.status_code == 400
    assert reason in answer.json()["detail"]


@pytest.mark.parametrize(
    "url", ["runs/1/", "runs/x/", "runs/9" + "9" * 30 + "/", "detectors/none/", "nothing/"]
)
def test_what_is_not_there_is_a_problem_too(url: str, client: Client) -> None:
    answer = client.get(f"/api/v1/{url}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "Not Found"


def test_a_page_that_is_not_there_is_a_page(client: Client) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_another_media_type_is_not_acceptable(client: Client) -> None:
    answer = client.get("/api/v1/runs/", headers={"accept": "text/turtle"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_what_nobody_foresaw_is_logged_and_told_without_its_insides(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("inner secret")

    monkeypatch.setattr("project.resource.Page.fetch", broken)
    client.raise_request_exception = False
    answer = client.get("/api/v1/runs/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode()
    assert "inner secret" in caplog.text
