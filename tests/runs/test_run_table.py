"""The page of all runs: the table, its filters, and a strip of states for each."""

import json
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from project.models import SourceFile
from tests.runs.page_world import certify, make_run, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_viewer")]
QUERIES = json.loads((Path(__file__).parent.parent / "query_counts.json").read_text())["run pages"]


def test_an_empty_site_says_how_to_load_runs(client: Client) -> None:
    text = text_of(client, "/runs/")
    assert "manage.py load_runs --reader oms-columnar" in text
    assert "manage.py load_certifications" in text


def test_the_table_lists_the_newest_run_first_with_units(client: Client) -> None:
    make_run(316187, recorded_luminosity=60.5)
    make_run(316190, recorded_luminosity=121.0, simulated=True)
    text = text_of(client, "/runs/")
    assert text.index(">316190<") < text.index(">316187<")
    for words in ("1 h 30 min", "Run2018A", "121.0", "pb⁻¹", "6600", ">simulated</span>"):
        assert words in text, words
    assert text.index(">316187<") < text_of(client, "/runs/?ordering=number").index(">316190<")


def test_filters_are_the_address(client: Client) -> None:
    for number in (316187, 316190, 316200):
        make_run(number, era="Run2018A" if number < 316200 else "Run2018B")
    text = text_of(client, "/runs/?number__gte=316188&era=Run2018A")
    assert ">316190<" in text
    assert ">316187<" not in text
    assert ">316200<" not in text
    assert "No run is like that" in text_of(client, "/runs/?era=Run2099Z")


@pytest.mark.parametrize("asked", ["number__gte=many", "start_time__gte=yesterday", "wrong=1", "cursor=x",
                                   f"flag={'x' * 65}"])  # fmt: skip
def test_a_wrong_parameter_is_one_clear_error(client: Client, asked: str) -> None:
    make_run(316187)
    name = asked.split("=")[0].split("__")[0]
    assert name in text_of(client, f"/runs/?{asked}", 400)


def test_pages_follow_each_other_and_keep_the_choices(client: Client) -> None:
    for number in range(1, 61):
        make_run(number, ())
    text = text_of(client, "/runs/?flag=dcs-only")
    link = unescape(text.split('rel="next" href="')[1].split('"')[0])
    assert "flag=dcs-only" in link
    rest = text_of(client, f"/runs/{link}")
    assert rest.count("data-row") == 10


def test_the_strip_keeps_five_states_apart(client: Client) -> None:
    run = make_run(316187, [*range(1, 61), *range(71, 101)])
    certify(run, 11, 20)
    certify(run, 21, 30, "BAD")
    certify(run, 31, 40, "EMPTY")
    certify(run, 41, 45, "EXCLUDED")
    text = text_of(client, "/runs/")
    assert "<title>golden: 10 good, 10 empty, 15 no data, 55 not scored, 10 bad</title>" in text


def test_absence_from_a_golden_file_is_not_bad(client: Client) -> None:
    certify(make_run(316187), 1, 4)
    assert "<title>golden: 4 good, 6 not scored</title>" in text_of(client, "/runs/")


def test_the_flag_is_chosen_in_the_address(client: Client) -> None:
    run = make_run(316187)
    certify(run, 1, None, flag="dcs-only")
    certify(run, 2, 3, flag="golden")
    assert "<title>golden: 2 good, 8 not scored</title>" in text_of(client, "/runs/")
    assert "<title>dcs-only: 10 good</title>" in text_of(client, "/runs/?flag=dcs-only")


def test_what_was_said_last_holds(client: Client) -> None:
    run = make_run(316187)
    certify(run, 1, 10, "GOOD", version="v1")
    certify(run, 1, 5, "BAD", version="v2")
    assert "<title>golden: 5 good, 5 bad</title>" in text_of(client, "/runs/")


def test_a_run_that_is_only_certified_has_a_strip(client: Client) -> None:
    certify(make_run(316187, ()), 3, 6)
    assert "<title>golden: 4 good, 2 no data</title>" in text_of(client, "/runs/")


def test_what_is_loading_is_not_shown(client: Client) -> None:
    file = SourceFile.objects.create(name="a", reader="oms-columnar", state="loading", identity="i")
    run = make_run(316187)
    make_run(316190, file=file)
    certify(run, 1, 10, file=file)
    text = text_of(client, "/runs/")
    assert ">316190<" not in text
    assert "<title>golden: 10 not scored</title>" in text
    assert client.get("/runs/CMS/316190/").status_code == 404


@pytest.mark.parametrize("name", QUERIES)
def test_the_number_of_queries_does_not_grow_with_the_runs(client: Client, name: str) -> None:
    urls = {"runs": "/runs/", "run": "/runs/CMS/5/", "lumisection": "/runs/CMS/5/3/",
            "figure": "/runs/CMS/5/figure.json"}  # fmt: skip
    for number in range(1, 40):
        certify(make_run(number, [1, 2, 3, 5]), 1, 2)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(urls[name]).status_code == 200
    assert len(queries) <= QUERIES[name]
