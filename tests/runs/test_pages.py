"""The pages of a run and of a lumisection, with their figure; who may look."""

import json
import re
from html import unescape
from itertools import pairwise

import pytest
from django.test import Client

from project.models import SourceFile
from runs.figure_rows import bit_names
from runs.models import Fill, Lumisection, Run
from runs.scores import RunKey
from tests.runs.page_world import HOSTILE, certify, figure_of, make_run, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_viewer")]


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


def test_everything_of_a_run_shares_one_axis(client: Client) -> None:
    certify(make_run(316187), 1, 4)
    figure = figure_of(client)
    assert {trace["xaxis"] for trace in figure["data"]} == {"x"}
    titles = [figure["layout"][f"yaxis{n}"].get("title", {}).get("text") for n in ("", 2, 3, 4)]
    assert titles[1:3] == ["luminosity<br>(pb⁻¹)", "pile-up"]
    domains = [figure["layout"][f"yaxis{n}"]["domain"] for n in ("", 2, 3, 4)]
    assert all(lower[1] < upper[0] for upper, lower in pairwise(domains))
    assert figure["layout"]["yaxis4"]["ticktext"] == ["bpix_ready"], "a text is no bit"


def test_rows_of_bits_are_parted_by_lines_not_cell_by_cell(client: Client) -> None:
    """A gap around each cell made the plot of a long run take half as long again."""
    make_run(316187).lumisections.update(flags={"bpix_ready": True, "fpix_ready": False, "tob_ready": True})
    figure = figure_of(client)
    bits = next(trace for trace in figure["data"] if trace["type"] == "heatmap" and trace.get("zmax") == 1)
    lines = [shape for shape in figure["layout"]["shapes"] if shape["yref"] == bits["yaxis"]]
    assert (len(bits["y"]), [line["y0"] for line in lines]) == (3, [0.5, 1.5])
    assert "ygap" not in bits


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
