"""What is asked for comes, whole and in order; what is asked wrongly is a 400 that says why, never a 500 or silence."""

import io
from typing import Any

import numpy as np
import pytest
from django.test import Client

from histos.models import LumisectionHistogram
from project.api import LISTS
from project.filters import parameters
from runs.models import Certification, Run
from tests.histos.csv_files import write
from tests.histos.loads import load
from tests.project.addresses import addresses
from tests.project.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client, viewer: Any) -> Client:
    client.force_login(viewer)
    client.raise_request_exception = False
    return client


def test_certifications_are_found_by_run(reader: Client) -> None:
    """``lumisection_certifications/?run=`` was a FieldError: 500."""
    for number in (1, 2):
        run = Run.objects.create(number=number)
        Certification.objects.create(run=run, first=1, last=number, flag="tracker", status="GOOD", source="a")
    (found,) = reader.get("/api/v1/certifications/?run=2").json()["results"]
    assert (found["run"], found["last"]) == (2, 2)


@pytest.mark.parametrize("name", LISTS)
def test_a_misspelt_parameter_is_refused_by_every_list(name: str, reader: Client) -> None:
    """``ls_numbet__lte`` was dropped in silence, and the whole run came back."""
    filters = [one.name for one in parameters(LISTS[name].filters)]
    for wrong in ("ls_numbet__lte", "Run", *(f"{one[:-1]}_" for one in filters[:4])):
        answer = reader.get(f"/api/v1/{name}/?{wrong}=1")
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == [wrong]


@pytest.mark.parametrize("name", LISTS)
def test_no_list_needs_a_parameter_and_an_empty_one_is_refused(name: str, reader: Client) -> None:
    """Without its parameters an address was an AttributeError: 500."""
    assert reader.get(f"/api/v1/{name}/").status_code == 200
    for one in parameters(LISTS[name].filters):
        assert reader.get(f"/api/v1/{name}/?{one.name}=").status_code == 400, one.name


@pytest.mark.parametrize("value", ["(", "[", "*", "(?P<", "\\", "a{99999}"])
def test_a_pattern_that_is_none_breaks_nothing(value: str, reader: Client) -> None:
    """A regular expression that was none went to the database: DataError, 500."""
    for path in ("/api/v1/lumisection-histograms/", "/api/v1/datasets/", "/histograms/", "/search/"):
        for parameter in ("element__regex", "element", "name", "q"):
            assert reader.get(path, {parameter: value}).status_code in (200, 302, 400, 404), (path, parameter)


@pytest.mark.parametrize("name", LISTS)
def test_what_is_posted_is_made_or_refused_with_a_reason(name: str, client: Client, expert: Any) -> None:
    """Tasks and histograms that were posted were a 500."""
    client.force_login(expert)
    client.raise_request_exception = False
    for body in ("", "{}", "[]", "null", '{"id": 1}', '{"name": "a", "run": 1, "data": [1]}', "{"):
        answer = client.post(f"/api/v1/{name}/", body, content_type="application/json")
        assert answer.status_code in (400, 405, 415), (answer.status_code, body)
        assert answer["Content-Type"] == "application/problem+json"


def test_every_page_and_plot_answers(reader: Client) -> None:
    """Two plot pages were a KeyError, two list pages a TemplateSyntaxError."""
    world = make_world()
    seen = 0
    for one in addresses():
        if one.route.startswith(("api/", "admin/")):
            continue
        answer = reader.get(one.url(world))
        assert answer.status_code < 500, one.name
        seen += answer.status_code == 200
    assert seen > 30


def test_the_whole_selection_comes_in_one_request(reader: Client, tmp_path: Any) -> None:
    """Thousands of pages one after the other, each in a session of its own, failed midway."""
    load(write(tmp_path / "a.csv", n_lumisections=200, n_elements=6))
    one = reader.get("/api/v1/lumisection-histograms/?format=npz&fields=run,counts")
    arrays = np.load(io.BytesIO(b"".join(one)), allow_pickle=False)
    assert arrays["counts"].shape == (1200, 7)


def test_pages_are_as_large_as_asked_and_hold_each_row_once(reader: Client, tmp_path: Any) -> None:
    """``page_size`` was ignored, and pages without an order held rows twice or never."""
    load(write(tmp_path / "a.csv", n_lumisections=20, n_elements=3))
    url, seen = "/api/v1/lumisection-histograms/?page_size=7&fields=id", []
    while url:
        page = reader.get(url).json()
        assert len(page["results"]) <= 7
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert len(seen) == 60
    assert set(seen) == set(LumisectionHistogram.objects.values_list("id", flat=True))


def test_a_misspelt_word_of_a_choice_is_refused(client: Client, expert: Any) -> None:
    """A keyword that was misspelt (``runcolum=``) chose by another column."""
    client.force_login(expert)
    body = {"name": "a", "world": "histograms", "recipe": {"dataset": "ZB", "elements": ["*"], "runz": [1]}}
    answer = client.post("/api/v1/sample-sets/", body, content_type="application/json")
    assert answer.status_code == 400
    assert any("runz" in path for path in answer.json()["errors"])
