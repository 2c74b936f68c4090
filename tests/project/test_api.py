"""What every list of the API has in common, and its description."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from project.api import LISTS, router
from project.filters import parameters
from project.models import FileProblem, SourceFile
from project.registry_api import Registry

pytestmark = pytest.mark.django_db
TABLES = {name: resource for name, resource in LISTS.items() if not issubclass(resource, Registry)}


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


def test_the_description_is_valid_and_complete() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    described = out.getvalue()
    for name in LISTS:
        assert f"/api/v1/{name}/:" in described
        assert f"/api/v1/{name}/{{id}}/:" in described
    assert {name for name, _, _ in router.registry} == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_the_same_keys(name: str, client: Client) -> None:
    answer = client.get(f"/api/v1/{name}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert list(answer.json()) == ["next", "previous", "results"]


SAMPLES = {"integer": "1", "number": "0.5", "boolean": "true", "string": "x"}


def sample(one: Any) -> str:
    schema = one.filter.kind.schema
    if "enum" in schema:
        return schema["enum"][0]
    if "example" in schema:
        return schema["example"]
    return "2018-05-01T12:00:00Z" if schema.get("format") == "date-time" else SAMPLES[schema["type"]]


@pytest.mark.parametrize("name", TABLES)
def test_every_parameter_and_order_of_every_list_can_be_asked(name: str, client: Client) -> None:
    resource = TABLES[name]
    asked = [f"{one.name}={sample(one).replace('+', '%2B')}" for one in parameters(resource.filters)]
    asked += [f"ordering={sign}{order}" for order in resource.orderings for sign in ("", "-")]
    asked += [f"fields={column}" for column in resource.columns]
    for query in asked:
        answer = client.get(f"/api/v1/{name}/?{query}")
        assert answer.status_code == 200, (query, answer.content)


@pytest.mark.parametrize("name", TABLES)
def test_every_ordering_is_a_unique_index(name: str) -> None:
    resource = TABLES[name]
    unique = [("id",)]
    unique += [
        tuple(constraint.fields)
        for constraint in resource.model._meta.constraints
        if hasattr(constraint, "fields")
    ]
    unique += [(field.name,) for field in resource.model._meta.fields if field.unique]
    columns = {tuple(sorted(fields)) for fields in unique}
    for order in resource.orderings.values():
        assert tuple(sorted(column.removesuffix("_id") for column in order)) in columns, order


def test_the_problems_of_a_file_are_listed(client: Client) -> None:
    file = SourceFile.objects.create(name="a.csv", reader="ml4dqm-csv", state="complete")
    for line in (3, 7, 9):
        FileProblem.objects.create(file=file, line=line, kind="rejected", reason="101 values for 102 cells")
    url = f"/api/v1/files/{file.pk}/problems/"
    page = client.get(f"{url}?page_size=2").json()
    assert [row["line"] for row in page["results"]] == [3, 7]
    assert [row["line"] for row in client.get(page["next"]).json()["results"]] == [9]
    assert [row["line"] for row in client.get(f"{url}?line__gte=7&fields=line").json()["results"]] == [7, 9]
    assert client.get(f"{url}?lines=3").status_code == 400
    assert "path" not in client.get(f"/api/v1/files/{file.pk}/").json()


def test_the_pages_of_the_api_run_no_inline_script(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "<style" not in page
    assert "<script>" not in page
    assert "https://" not in page
