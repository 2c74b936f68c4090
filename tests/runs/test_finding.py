"""What the search box understands of runs."""

import pytest
from django.test import Client

from project.search import search
from tests.runs.page_world import make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_viewer")]


@pytest.mark.parametrize(("typed", "url"), [
    ("316187", "/runs/CMS/316187/"), ("316187:3", "/runs/CMS/316187/3/"), ("cms 316187", "/runs/CMS/316187/"),
    ("CMS:316187:3", "/runs/CMS/316187/3/"), ("Run2018A", "/runs/?era=Run2018A"), ("run2018", "/runs/?era=Run2018A"),
])  # fmt: skip
def test_the_search_understands_runs(client: Client, typed: str, url: str) -> None:
    make_run(316187)
    assert [hit.url for hit in search(typed) if hit.url.startswith("/runs/")] == [url]


@pytest.mark.parametrize(
    "typed", ["316188", "316187:99", "ATLAS 316187", "5h23m34s -69d45m", "9" * 30, "%", "'"]
)
def test_the_search_finds_no_run_where_there_is_none(client: Client, typed: str) -> None:
    make_run(316187)
    assert [hit for hit in search(typed) if hit.kind in {"run", "lumisection", "era"}] == []


def test_one_number_in_two_experiments_is_a_choice(client: Client) -> None:
    make_run(316187)
    make_run(316187, experiment="other")
    assert len([hit for hit in search("316187") if hit.kind == "run"]) == 2
    assert search("316187:3")[0].label == "CMS 316187:3"
