"""The pages of runs: what they say, what the address chooses, and what they cost."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from project.models import SourceFile
from project.search import search
from project.sparks import ALARM
from runs.figure_rows import bit_names
from runs.models import Certification, Fill, Lumisection, Run
from runs.scores import SCORERS, Choice, RunKey, RunScores, Scored, offer
from runs.states import Span, overlaid

pytestmark = pytest.mark.django_db
QUERIES = json.loads((Path(__file__).parent.parent / "query_counts.json").read_text())["run pages"]
HOSTILE = "<script>alert('x')</script>\u202e=1+1"
START = datetime(2018, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> Iterator[None]:
    """Nobody offers scores but the test."""
    client.force_login(viewer)
    offered, SCORERS[:] = SCORERS[:], []
    yield
    SCORERS[:] = offered


def make_run(number: int, lumisections: Any = range(1, 11), **fields: Any) -> Run:
    hours = timedelta(hours=number % 1000)
    times = {"start_time": START + hours, "end_time": START + hours + timedelta(minutes=90)}
    run = Run.objects.create(**{"number": number, "era": "Run2018A", "fill_number": 6600, **times, **fields})
    Lumisection.objects.bulk_create(
        Lumisection(run=run, number=ls, start_time=START, delivered_luminosity=0.5, recorded_luminosity=0.4,
                    pileup=30 + ls, flags={"bpix_ready": ls > 2, "prescale": "2018"})
        for ls in lumisections
    )  # fmt: skip
    return run


def certify(
    run: Run, first: int, last: int | None, status: str = "GOOD", flag: str = "golden", **more: Any
) -> None:
    more.setdefault("source", f"{flag}.json")
    Certification.objects.create(run=run, first=first, last=last, flag=flag, status=status, **more)


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content[:500]
    assert len(answer.content) < 150_000
    return answer.content.decode()


# the table of runs


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


# one run


def test_the_run_page_tells_the_facts_with_units_and_leads_on(client: Client) -> None:
    file = SourceFile.objects.create(name="oms.json", reader="oms-columnar", state="complete")
    for number in (316187, 316190, 316200):
        make_run(number, energy=6500.0, b_field=3.8, recorded_luminosity=121.25, file=file)
    make_run(316195, experiment="other")
    text = text_of(client, "/runs/CMS/316190/")
    for words in ("6500 GeV", "3.8 T", "121.2 pb⁻¹", f'href="/files/{file.pk}/"', "oms.json",
                  'href="/runs/CMS/316187/" data-key="ArrowLeft"',
                  'href="/runs/CMS/316200/" data-key="ArrowRight"'):  # fmt: skip
        assert words in text, words


def test_the_certifications_of_a_run_say_who_and_why(client: Client) -> None:
    run = make_run(316187)
    certify(run, 2, None, "BAD", source="Cert.json", version="v3", cause="HV off", comment=HOSTILE)
    text = text_of(client, "/runs/CMS/316187/")
    for words in (
        "2–end",
        "Cert.json",
        "v3",
        "HV off",
        '<span class="state bad">BAD</span>',
        "alert(&#x27;x&#x27;)",
    ):
        assert words in text, words
    assert "<script>alert" not in text


def test_what_is_certified_leads_to_the_workbench(client: Client) -> None:
    certify(make_run(316187), 2, 9, flag="tracker & pixel")
    text = text_of(client, "/runs/CMS/316187/?flag=tracker+%26+pixel")
    (link,) = re.findall(r'href="([^"]+)" id="mask-it"', text)
    built = text_of(client, unescape(link))
    assert "tracker &amp; pixel GOOD" in built
    assert "8 lumisections of 1 run " in built


def test_a_range_of_the_run_is_the_address_and_can_be_exported(client: Client) -> None:
    make_run(316187)
    text = unescape(text_of(client, "/runs/CMS/316187/?first=3&last=4&flag=golden"))
    assert "Lumisections 3 to 4" in text
    assert "/api/v1/lumisections/?experiment=CMS&run=316187&number__gte=3&number__lte=4&format=csv" in text
    assert "figure.json?flag=golden&first=3&last=4" in text
    assert text.count('<th scope="row"><a href="/runs/CMS/316187/') == 2
    assert client.get("/api/v1/lumisections/?experiment=CMS&run=316187&number__gte=3").status_code == 200


@pytest.mark.parametrize(
    "asked", ["first=x", "first=0", "last=99999999999999999999", "first=5&last=4", "number__gte=2x"]
)
def test_a_wrong_range_is_one_clear_error(client: Client, asked: str) -> None:
    make_run(316187)
    text = text_of(client, f"/runs/CMS/316187/?{asked}", 400)
    assert 'class="error"' in text
    assert 'data-figure="/runs/CMS/316187/figure.json?"' in text, "the plot stands without what is wrong"


@pytest.mark.parametrize("url", ["/runs/CMS/1/", "/runs/CMS/1/1/", "/runs/x%00y/316187/", "/runs/CMS/316187/999/",
                                 "/runs/CMS/99999999999999999999999/", "/runs/CMS/316187/99999999999999999999999/",
                                 "/runs/CMS/1/figure.json"])  # fmt: skip
def test_what_is_not_there_is_not_found(client: Client, url: str) -> None:
    make_run(316187)
    assert client.get(url).status_code == 404


def test_experiments_may_be_called_anything_printable(client: Client) -> None:
    for name in ("a/b c", "50 % <b>", "ü?#&"):
        make_run(7, experiment=name)
    text = text_of(client, "/runs/")
    for link in (part.split('"')[0] for part in text.split('<th scope="row"><a href="')[1:]):
        page = text_of(client, unescape(link))
        assert "<b>/" not in page
        assert client.get(f"{unescape(link)}3/").status_code == 200
        assert client.get(f"{unescape(link)}figure.json").status_code == 200


def test_a_run_of_which_only_the_number_is_known_says_so(client: Client) -> None:
    Run.objects.create(number=316187)
    text = text_of(client, "/runs/CMS/316187/")
    assert "only the number is known" in text
    assert "data-figure" not in text
    assert client.get("/runs/CMS/316187/figure.json").status_code == 200


# the figure


def figure_of(client: Client, asked: str = "") -> dict[str, Any]:
    return client.get(f"/runs/CMS/316187/figure.json{asked}").json()


def test_everything_of_a_run_shares_one_axis(client: Client) -> None:
    certify(make_run(316187), 1, 4)
    figure = figure_of(client)
    assert {trace["xaxis"] for trace in figure["data"]} == {"x"}
    titles = [figure["layout"][f"yaxis{n}"].get("title", {}).get("text") for n in ("", 2, 3, 4)]
    assert titles[1:3] == ["luminosity<br>(pb⁻¹)", "pile-up"]
    domains = [figure["layout"][f"yaxis{n}"]["domain"] for n in ("", 2, 3, 4)]
    assert all(lower[1] < upper[0] for upper, lower in pairwise(domains))
    assert figure["layout"]["yaxis4"]["ticktext"] == ["bpix_ready"], "a text is no bit"


def test_the_figure_shows_the_range_of_the_address(client: Client) -> None:
    make_run(316187)
    assert figure_of(client, "?first=3&last=7")["layout"]["xaxis"]["range"] == [2.5, 7.5]
    assert "range" not in figure_of(client)["layout"]["xaxis"]
    assert client.get("/runs/CMS/316187/figure.json?first=0").status_code == 400


def test_states_in_the_figure_say_themselves_and_have_heights_of_their_own(client: Client) -> None:
    run = make_run(316187)
    certify(run, 1, 4)
    certify(run, 5, 6, "BAD")
    lane = figure_of(client)["data"][:4]
    assert [trace["name"] for trace in lane] == ["good", "bad", "not scored", ""]
    assert [text.split(",")[0] for text in lane[3]["text"][0]] == ["good"] * 4 + ["bad"] * 2 + [
        "not scored"
    ] * 4
    assert "12:00:00 UTC" in lane[3]["text"][0][0]


def test_names_in_the_figure_are_text(client: Client) -> None:
    run = make_run(316187)
    Lumisection.objects.filter(run=run).update(flags={'<a href="http://x">y</a>': True})
    assert "<a href" not in json.dumps(figure_of(client))


def test_a_lumisection_with_an_absurd_number_breaks_nothing(client: Client) -> None:
    certify(make_run(316187, [1, 2, 2_000_000_000]), 1, None)
    assert client.get("/runs/").status_code == 200
    assert len(client.get("/runs/CMS/316187/figure.json").content) < 2_000_000


# one lumisection


def test_the_lumisection_page_tells_what_was_measured_and_said(client: Client) -> None:
    run = make_run(316187)
    certify(run, 2, 4, cause="of three")
    certify(run, 5, 6, cause="of others")
    text = text_of(client, "/runs/CMS/316187/3/")
    for words in ("lumisection 3", "0.4000 pb⁻¹", "33.00", "prescale", "2018",
                  '<span class="bit on">on</span> bpix_ready',
                  "of three", 'href="/runs/CMS/316187/2/" data-key="ArrowLeft"',
                  'href="/runs/CMS/316187/4/" data-key="ArrowRight"'):  # fmt: skip
        assert words in text, words
    assert "of others" not in text
    assert "does not mean that it is bad" in text_of(client, "/runs/CMS/316187/9/")


def test_neighbours_step_over_gaps(client: Client) -> None:
    make_run(316187, [1, 5, 9])
    text = text_of(client, "/runs/CMS/316187/5/")
    assert 'href="/runs/CMS/316187/1/"' in text
    assert 'href="/runs/CMS/316187/9/"' in text


# scores, from whoever offers them


class Offered:
    """Scores of lumisections 3 to 6: below, above, not scored, at the threshold."""

    parameter = "trial"
    label = "Scores of trial"

    def choices(self, runs: Any) -> list[Choice]:
        return [Choice("8", "pca <b> on set", "/trials/8/", ("injected",))]

    def default(self, choices: Any, simulated: bool) -> str:
        return "8" if simulated else ""

    def scores(self, value: str, runs: Any) -> Scored:
        if value != "8":
            raise ValueError(f"there is no trial {value}")
        found = RunScores(np.arange(3, 7), np.array([1, 3, np.nan, 2.0]), ["x <b>"] * 4)
        return Scored(self.choices(runs)[0], 2.0, {run: found for run in runs if run.number == 316187})


@pytest.fixture
def _offered() -> None:
    offer(Offered())  # type: ignore[arg-type]


@pytest.mark.usefixtures("_offered")
def test_scores_make_a_strip_of_their_own(client: Client) -> None:
    make_run(316187)
    make_run(316190)
    assert "pca &lt;b&gt; on set: " not in text_of(client, "/runs/")
    text = text_of(client, "/runs/?trial=8")
    assert "<title>pca &lt;b&gt; on set: 1 good, 7 not scored, 2 bad</title>" in text
    assert text.count("<title>pca") == 1, "a run that the trial did not see has no strip of it"
    assert ">injected</span>" in text
    assert "there is no trial 9" in text_of(client, "/runs/?trial=9", 400)


@pytest.mark.usefixtures("_offered")
def test_the_score_is_drawn_with_its_threshold(client: Client) -> None:
    make_run(316187)
    traces = {trace["name"]: trace for trace in figure_of(client, "?trial=8")["data"]}
    assert {"score", "threshold 2", "flagged"} <= traces.keys()
    assert traces["score"]["text"] == ["x &lt;b&gt;"] * 4
    assert "score" not in {trace["name"] for trace in figure_of(client, "?trial=none")["data"]}
    assert client.get("/runs/CMS/316187/figure.json?trial=9").status_code == 400


@pytest.mark.usefixtures("_offered")
def test_simulated_runs_show_scores_unless_none_are_asked_for(client: Client) -> None:
    make_run(316187, simulated=True)
    assert "<title>pca" in text_of(client, "/runs/")
    assert "<title>pca" not in text_of(client, "/runs/?trial=none")


def test_without_a_threshold_nothing_is_judged() -> None:
    found = RunScores(np.array([1, 2]), np.array([5.0, np.nan]), ["", ""])
    assert found.spans(None) == [Span(1, 2, "not scored")]


# states


def test_later_layers_cover_earlier_ones_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        ends = np.sort(rng.integers(-3, 25, (6, 2)), axis=1)
        layers = [Span(int(a), int(b), ALARM[rng.integers(5)]) for a, b in ends]
        expected = dict.fromkeys(range(1, 21), "no data")
        for one in layers:
            expected |= dict.fromkeys(range(max(one.first, 1), min(one.last, 20) + 1), one.state)
        spans = overlaid(layers, 20)
        assert {n: one.state for one in spans for n in range(one.first, one.last + 1)} == expected
        assert all(a.state != b.state for a, b in pairwise(spans))


# the search box


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


# who may look


@pytest.mark.parametrize(
    "url", ["/runs/", "/runs/CMS/316187/", "/runs/CMS/316187/3/", "/runs/CMS/316187/figure.json"]
)
def test_only_members_read_and_nobody_writes(client: Client, url: str) -> None:
    make_run(316187)
    assert client.post(url).status_code == 405
    client.logout()
    assert client.get(url).url.startswith("/login/")  # type: ignore[attr-defined]


def test_a_run_key_names_a_run() -> None:
    assert RunKey("CMS", 1) == ("CMS", 1)


def test_what_services_told_of_a_run_and_its_fill_is_there_to_unfold(client: Client) -> None:
    told = {
        "hlt_key": HOSTILE, "l1_rate": {"value": 95_240.5, "unit": "Hz"}, "stable_beam": True, "sequence": "",
        "peak_lumi": {"value": 2.01, "unit": "10^{34}cm^{-2}s^{-1}"},
    }  # fmt: skip
    make_run(316187, fill_number=6675, attributes=told)
    assert "and its fill" not in text_of(client, "/runs/CMS/316187/")
    Fill.objects.create(
        number=6675, peak_pileup=55.5, recorded_luminosity=468.8, attributes={"era": "Run2018A"}
    )
    text = text_of(client, "/runs/CMS/316187/")
    for words in (
        "More about this run and its fill", "95,240 Hz", "2.01 10³⁴ cm⁻² s⁻¹", "stable beam", "yes", "Fill 6675",
        "468.8 pb⁻¹",
    ):  # fmt: skip
        assert words in unescape(text), words
    assert "<script>alert" not in text


def test_a_run_of_which_nothing_else_is_known_has_nothing_to_unfold(client: Client) -> None:
    make_run(316187)
    assert "More about this run" not in text_of(client, "/runs/CMS/316187/")


def test_a_bit_is_on_or_off_or_not_known_wherever_it_is_told() -> None:
    flags = [{"b": True, "text": "x"}, {"a": None, "n": 1, "b": False}, {"a": True, "text": None}]
    assert bit_names(flags) == ["b", "a"]
    assert bit_names([]) == []
