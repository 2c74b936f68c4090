"""The description of the API: valid, and true of what the lists answer and refuse."""

import io
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from project.api import LISTS
from project.exports import FORMATS
from project.problems import MEDIA_TYPE

pytestmark = pytest.mark.django_db

ANYWHERE = {"400", "401", "403"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


@pytest.fixture
def reader(client: Client, viewer: Any) -> Client:
    client.force_login(viewer)
    return client


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_format_of_a_list_is_told_with_its_content_type(
    description: dict[str, Any], reader: Client
) -> None:
    for name, resource in LISTS.items():
        operation = description["paths"][f"/api/v1/{name}/"]["get"]
        (parameter,) = [one for one in operation["parameters"] if one["name"] == "format"]
        assert parameter["schema"]["enum"] == list(resource.formats)
        told = set(operation["responses"]["200"]["content"])
        assert {"csv", "parquet", "arrow"} < set(resource.formats)
        for format_ in resource.formats:
            answer = reader.get(f"/api/v1/{name}/?format={format_}")
            assert answer.status_code == 200
            assert answer["Content-Type"] in told, (name, format_)
            assert b"".join(answer)
        assert told == {"application/json"} | {
            FORMATS[one].media_type for one in resource.formats if one in FORMATS
        }


def test_what_carries_vectors_comes_for_numpy_too() -> None:
    names = {name for name, resource in LISTS.items() if "npz" in resource.formats}
    histograms = {"lumisection-histograms", "run-histograms", "light-curve-histograms"}
    assert {*histograms, "light-curves"} <= names


def test_every_refusal_is_a_problem(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        if not path.startswith("/api/v1/"):
            continue
        refusals = {code: one for code, one in operation["responses"].items() if code >= "400"}
        assert set(refusals) >= ANYWHERE, (path, method)
        assert ("404" in refusals) is ("{id}" in path), (path, method)
        if method == "get":
            assert set(refusals) >= {"406", "429"}, path
        for code, refusal in refusals.items():
            assert list(refusal["content"]) == [MEDIA_TYPE], (path, method, code)


def test_bodies_that_cannot_be_read_are_told(description: dict[str, Any]) -> None:
    for path, method, operation in operations(description):
        if "requestBody" in operation and path.startswith("/api/v1/"):
            assert set(operation["responses"]) >= {"413", "415"}, (path, method)


def test_pages_and_files_say_where_to_begin_and_end(description: dict[str, Any]) -> None:
    operation = description["paths"]["/api/v1/lumisection-histograms/"]["get"]
    names = {one["name"] for one in operation["parameters"]}
    assert {"page_size", "cursor", "after", "limit", "ordering", "fields", "format", "run__gte"} <= names
