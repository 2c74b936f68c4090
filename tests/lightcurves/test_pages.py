"""The pages of sources: what they list and draw, what they say when there is nothing, and what they refuse."""

import base64
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from histos.lightcurve_histograms import store_light_curve_histograms
from lightcurves.models import Catalog, LightCurve, Source
from project.models import SourceFile

pytestmark = pytest.mark.django_db
QUERIES = json.loads((Path(__file__).parents[1] / "query_counts.json").read_text())["source pages"]
LARGEST = 150_000
Load = Callable[..., dict[str, Any]]
HOSTILE = "<script>alert(1)</script>'&<b>"


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def sky(load_catalog: Load, load_curves: Load) -> None:
    """Three stars near one another, one far away, and a machine; light curves of the first and the machine."""
    load_catalog(
        "a,80.89,-69.75,15.5,0.5,RRLyr", "b,80.891,-69.75,14,,Cep", "c,80.95,-69.75,,2,", "far,10,20,12,,"
    )
    load_curves(
        "a,58000.25,10,0.5,g,0", "a,58001.5,11,0.5,g,0", "a,58010,30,,g,1", "a,58000.5,7,0.25,r,0", "m,58000,5,1,cpu,0"
    )  # fmt: skip


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content[:600]
    return answer.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/sources/\d+/">([^<]*)</a>', html)


def unpacked(values: dict[str, Any]) -> np.ndarray:
    array = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return array.reshape([int(n) for n in values["shape"].split(",")]) if "shape" in values else array


def figure(client: Client, name: str, **asked: Any) -> dict[str, Any]:
    pk = Source.objects.get(name=name).pk
    return client.get(f"/sources/{pk}/figure.json?{urlencode({'unit': 'uJy'} | asked)}").json()


def source_page(client: Client, name: str, query: str = "", status: int = 200) -> str:
    return page(client, f"/sources/{Source.objects.get(name=name).pk}/{query}", status)


def test_an_empty_site_says_how_to_load_sources(client: Client) -> None:
    html = page(client, "/sources/")
    assert "manage.py load_catalog" in html
    assert "<table" not in html


@pytest.mark.usefixtures("sky")
def test_positions_are_shown_to_the_last_digit_with_the_sexagesimal_beside(client: Client) -> None:
    html = page(client, "/sources/?catalog=SKY")
    assert names(html) == ["a", "b", "c", "far", "m"]
    assert "80.89<small>05h23m33.6s</small>" in html
    assert "-69.75<small>-69d45m00s</small>" in html
    assert "<td>RRLyr</td>" in html.replace(' data-label="kind"', "")
    assert "–<small></small>" in html  # the machine


@pytest.mark.usefixtures("sky")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("light_curves=with", ["a", "m"]),
        ("light_curves=without", ["b", "c", "far"]),
        ("mag__lte=14.5", ["b", "far"]),
        ("name=c", ["c"]),
        ("catalog=NONE", []),
        ("catalog=SKY&ordering=-name", ["m", "far", "c", "b", "a"]),
        ("cone=80.8911 -69.75 30%22", ["b", "a"]),
        ("cone=5h23m33.6s -69d45m00s 2'&mag__gte=15", ["a"]),
    ],
)
def test_the_address_chooses_the_sources(client: Client, query: str, found: list[str]) -> None:
    assert names(page(client, f"/sources/?{query}")) == found


@pytest.mark.usefixtures("sky")
def test_a_cone_shows_separations_nearest_first(client: Client) -> None:
    html = page(client, "/sources/?cone=80.89 -69.75 200%22")
    assert names(html) == ["a", "b", "c"]
    assert "0.000″" in html
    assert f"{3600 * 0.001 * math.cos(math.radians(69.75)):.3f}″" in html


@pytest.mark.usefixtures("sky")
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("cone=somewhere", "is no place on the sky"),
        ("cone=10 95", "Dec 95.0° is not between"),
        ("mag__gte=bright", "is not a finite number"),
        ("light_curves=many", "is neither with nor without"),
        ("colour=red", "unknown parameter"),
        ("cursor=x", "not a cursor"),
    ],
)
def test_a_wrong_parameter_is_said_beside_its_field(client: Client, query: str, why: str) -> None:
    html = page(client, f"/sources/?{query}", 400)
    assert why in html
    assert names(html) == []
    if "cursor" not in query:
        assert client.get(f"/sources/figure.json?{query}").status_code == 400


@pytest.mark.usefixtures("sky")
def test_attributes_become_columns_as_asked(client: Client) -> None:
    html = page(client, "/sources/?show=P,colour&catalog=SKY")
    assert 'data-label="P">0.5</td>' in html
    assert 'data-label="colour">–</td>' in html
    assert 'data-label="kind"' not in html


def test_pages_follow_one_another_and_keep_the_choice(client: Client, load_catalog: Load) -> None:
    load_catalog(*(f"s{number:03},{number},0,1,2,x" for number in range(60)))
    first = page(client, "/sources/?catalog=SKY&mag__gte=0")
    following = re.search(r'rel="next" href="([^"]*)"', first)
    assert following
    second = page(client, f"/sources/{following[1].replace('&amp;', '&')}")
    assert names(first) + names(second) == [f"s{number:03}" for number in range(60)]


@pytest.mark.usefixtures("sky")
def test_the_density_counts_every_chosen_source_and_leads_to_a_cone(client: Client) -> None:
    made = client.get("/sources/figure.json?catalog=SKY").json()
    trace = made["data"][0]
    assert unpacked(trace["text"]).sum() == 4
    assert made["layout"]["xaxis"]["range"][0] > made["layout"]["xaxis"]["range"][1]
    # A wide sky fills its plot; a field has one scale along both axes.
    field = client.get("/sources/figure.json?catalog=SKY&ra__gte=60").json()["layout"]
    assert "scaleratio" not in made["layout"]["yaxis"]
    assert field["yaxis"]["scaleratio"] > 1
    row, column = np.argwhere(unpacked(trace["text"]) == 3)[0]
    at = f"{unpacked(trace['x'])[column]}+{unpacked(trace['y'])[row]}"
    assert names(page(client, "/sources/" + made["click"].replace("{x}+{y}", at)))[:3] != []


@pytest.mark.usefixtures("sky")
def test_the_finder_has_north_up_and_east_to_the_left(client: Client) -> None:
    made = client.get("/sources/figure.json?cone=80.89 -69.75 200%22").json()
    stars = made["data"][1]
    east, north = unpacked(stars["x"]), unpacked(stars["y"])
    assert len(east) == 3
    assert east.max() == pytest.approx(0.06 * 60 * math.cos(math.radians(69.75)), rel=1e-4)  # arcmin
    assert abs(north).max() < 0.01
    assert made["layout"]["xaxis"]["range"][0] > 0
    assert made["click"] == "/sources/{custom}/"


@pytest.mark.usefixtures("sky")
def test_a_source_says_where_it_is_and_what_is_beside_it(client: Client) -> None:
    html = source_page(client, "a")
    assert "80.89 -69.75" in html
    assert "05h23m33.6s -69d45m00s" in html
    assert "0.5" in html
    assert 'rel="next"' in html
    assert 'rel="prev"' not in html
    assert names(html) == ["b"]  # within 30″; c is 75″ away
    assert "Fold at P = 0.5 d" in html
    assert "/api/v1/light-curves/?catalog=SKY&amp;source=a&amp;format=npz" in html


@pytest.mark.usefixtures("sky")
def test_a_machine_has_no_place_and_no_neighbours(client: Client) -> None:
    html = source_page(client, "m")
    assert "none: a machine" in html
    assert "Neighbours" not in html


@pytest.mark.usefixtures("sky")
def test_a_source_without_light_curves_says_how_to_load_some(client: Client) -> None:
    assert "manage.py load_lightcurves" in source_page(client, "b")


def test_there_is_no_page_of_what_is_not_there_or_still_loading(client: Client, load_catalog: Load) -> None:
    load_catalog("a,1,2,3,4,x")
    pk = Source.objects.get().pk
    SourceFile.objects.update(state=SourceFile.State.LOADING)
    for address in (
        f"/sources/{pk}/",
        "/sources/999999/",
        f"/sources/{10**30}/",
        f"/sources/{pk}/figure.json",
    ):
        page(client, address, 404)
    assert names(page(client, "/sources/?catalog=SKY")) == []


@pytest.mark.usefixtures("sky")
def test_bands_share_an_axis_and_flagged_points_are_hollow(client: Client) -> None:
    made = figure(client, "a")
    traces = {trace["name"]: trace for trace in made["data"]}
    assert set(traces) == {"g", "g, flagged", "r"}
    assert unpacked(traces["g"]["x"]).tolist() == [58000.25, 58001.5]
    assert unpacked(traces["g"]["error_y"]["array"]).tolist() == [0.5, 0.5]
    assert traces["g, flagged"]["marker"]["symbol"].endswith("-open")
    assert "error_y" not in traces["g, flagged"]
    colours = {name: (trace["marker"]["color"], trace["marker"]["symbol"]) for name, trace in traces.items()}
    assert colours["g"][0] == colours["g, flagged"][0] != colours["r"][0]
    assert colours["g"][1] != colours["r"][1]
    assert "2017-09-04 06:00 UTC" in traces["g"]["customdata"][0]
    assert made["layout"]["yaxis"]["title"]["text"] == "flux (µJy)"


def test_magnitudes_are_drawn_with_the_bright_ones_up(client: Client, load_curves: Load) -> None:
    load_curves("a,58000,15,0.1,g,0", "a,58001,16,0.1,g,0")
    LightCurve.objects.update(unit="mag")
    top, bottom = figure(client, "a", unit="mag")["layout"]["yaxis"]["range"][::-1]
    assert top < 15 < 16 < bottom


@pytest.mark.usefixtures("sky")
def test_a_fold_shows_two_periods(client: Client) -> None:
    made = figure(client, "a", period=0.5, band="g")
    good = next(trace for trace in made["data"] if trace["name"] == "g")
    phases = unpacked(good["x"])
    assert sorted(phases.tolist()) == [0, 0.5, 1, 1.5]  # 1.25 days are two and a half periods
    assert made["layout"]["xaxis"]["range"] == [0, 2]
    assert "Over time" in source_page(client, "a", "?period=0.5")


@pytest.mark.usefixtures("sky")
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("period=0", "more than 0"), ("period=short", "not a finite number"), ("band=z", "there is g, r"),
        ("from=58010&to=58000", "is not after the start"), ("trial=x", "there is no trial"), ("season=2", "there is -"),
    ],
)  # fmt: skip
def test_a_wrong_choice_of_light_curves_is_refused_with_its_reason(
    client: Client, query: str, why: str
) -> None:
    assert why in source_page(client, "a", f"?{query}", 400)
    pk = Source.objects.get(name="a").pk
    answer = client.get(f"/sources/{pk}/figure.json?unit=uJy&{query}")
    assert (answer.status_code, list(answer.json())) == (400, ["errors"])
    assert client.get(f"/sources/{pk}/figure.json?unit=mag").status_code == 400


def test_a_long_light_curve_shows_its_extremes_and_all_of_a_range(client: Client, load_curves: Load) -> None:
    n = 25_000
    load_curves(
        *(f"a,{58000 + number / 100},{99 if number == 12_345 else number % 7},1,g,0" for number in range(n))
    )
    made = figure(client, "a")
    assert made["decimated"]
    y = unpacked(made["data"][0]["y"])
    assert len(y) <= 2000
    assert (y.min(), y.max()) == (0, 99)
    assert "25,000 points" in made["layout"]["annotations"][0]["text"]
    part = figure(client, "a", **{"from": 58010, "to": 58020})
    assert not part["decimated"]
    assert len(unpacked(part["data"][0]["x"])) == 1001
    assert part["layout"]["xaxis"]["range"] == [58010, 58020]


@pytest.mark.usefixtures("sky")
def test_distributions_are_shown_once_they_are_counted(client: Client) -> None:
    assert "not counted yet" in source_page(client, "a")
    store_light_curve_histograms(LightCurve.objects.all())
    html = source_page(client, "a")
    assert "not counted yet" not in html
    assert html.count("small-histogram") == 4


def test_hostile_names_are_shown_as_text(client: Client, load_curves: Load, load_catalog: Load) -> None:
    load_catalog(f'"{HOSTILE}",10,20,1,2,"{HOSTILE}"', catalog=HOSTILE)
    load_curves(f'"{HOSTILE}",58000,1,1,<b>g</b>,0', catalog=HOSTILE)
    pk = Source.objects.get(name=HOSTILE).pk
    for url in ("/sources/", f"/sources/{pk}/", f"/search/?q={urlencode({'': HOSTILE[:12]})[1:]}"):
        html = page(client, url)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
    drawn = figure(client, HOSTILE)["data"][0]
    assert drawn["name"] == "&lt;b&gt;g&lt;/b&gt;"
    finder = client.get("/sources/figure.json?cone=10 20 1'").json()["data"][1]
    assert "<script" not in json.dumps(finder)


def test_simulated_sources_are_marked(client: Client, load_catalog: Load) -> None:
    load_catalog("a,1,2,3,4,x")
    Catalog.objects.update(simulated=True)
    assert "pill simulated" in page(client, "/sources/")
    assert "pill simulated" in source_page(client, "a")


@pytest.mark.usefixtures("sky")
@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("far", "/sources/{far}/"),
        ("SKY:far", "/sources/{far}/"),
        ("sky", "/sources/?catalog=SKY"),
        ("5h23m33.6s -69d45m00s", "/sources/?cone=80.89+-69.75+30%22"),
        ("80.89 -69.75 2'", "/sources/?cone=80.89+-69.75+120%22"),
    ],
)
def test_the_search_box_goes_to_sources_and_cones(client: Client, text: str, goes: str) -> None:
    answer = client.get("/search/", {"q": text})
    assert answer.status_code == 302
    assert answer["Location"] == goes.format(far=Source.objects.get(name="far").pk)


def test_the_search_box_completes_names(client: Client, load_catalog: Load) -> None:
    load_catalog("OGLE-1,1,2,3,4,x", "OGLE-2,2,2,3,4,x", "CRTS-1,3,3,3,3,x")
    html = page(client, "/search/?q=ogle")
    assert "OGLE-1" in html
    assert "OGLE-2" in html
    assert "CRTS-1" not in html
    assert "fewer than 60" in page(client, "/search/?q=5h23m34s -69d75m")


@pytest.mark.usefixtures("sky")
def test_pages_stay_small_and_ask_few_queries(client: Client) -> None:
    pk = Source.objects.get(name="a").pk
    asked = {
        "sources": "/sources/", "sources in a cone": "/sources/?cone=80.89 -69.75 200%22", "source": f"/sources/{pk}/",
        "density": "/sources/figure.json", "light curves": f"/sources/{pk}/figure.json?unit=uJy",
    }  # fmt: skip
    for name, url in asked.items():
        with CaptureQueriesContext(connection) as queries:
            html = page(client, url)
        assert len(queries) <= QUERIES[name], (name, [query["sql"][:120] for query in queries])
        assert len(html) < LARGEST or html.startswith("{")  # a figure is not a page


def test_who_is_not_signed_in_is_asked_to(load_catalog: Load) -> None:
    load_catalog("a,1,2,3,4,x")
    for url in ("/sources/", "/sources/figure.json", f"/sources/{Source.objects.get().pk}/"):
        assert Client().get(url).status_code == 302
