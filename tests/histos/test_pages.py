"""Pages of histograms: the list, an element, what the pages of runs show; what is in the address, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from histos.models import Dataset, MonitoringElement
from project.models import SourceFile
from project.search import search
from project.slots import filled
from runs.models import Lumisection, Run
from tests.histos.stored import FLAT, RUN, at, element, figure, store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


# The list of elements


def test_without_histograms_it_says_how_to_load_some(client: Client) -> None:
    page = client.get("/histograms/").content.decode()
    assert "manage.py load_histos" in page.replace("python ", "")
    assert "load_demo" in page


def test_elements_stand_in_the_folders_of_their_names(client: Client) -> None:
    for name in ("Pixel/Tracks/charge", "Pixel/Tracks/size", "Pixel/adc", "Strip/adc", "alone"):
        store(name, [FLAT])
    top = client.get("/histograms/").context
    assert [(one.path, one.n) for one in top["folders"]] == [("Pixel/", 3), ("Strip/", 1)]
    inside = client.get("/histograms/?folder=Pixel/").context
    assert [(one.path, one.n) for one in inside["folders"]] == [("Pixel/Tracks/", 2)]
    assert [card["name"] for card in inside["cards"]] == ["charge", "size", "adc"]
    assert [one.path for one in client.get("/histograms/?folder=Pixel/Tracks").context["crumbs"]] == [
        "Pixel/",
        "Pixel/Tracks/",
    ]


def test_folders_are_told_apart_by_case(client: Client) -> None:
    store("pixel/a", [FLAT])
    store("Pixel/b", [FLAT])
    assert [card["name"] for card in client.get("/histograms/?folder=Pixel/").context["cards"]] == ["b"]


def test_names_dimensions_and_datasets_filter(client: Client, loaded: SourceFile) -> None:
    store("map", [[1.0] * 16], axes=[{"lower": 0, "upper": 1, "bins": 2}] * 2)
    shown = {
        query: [card["name"] for card in client.get(f"/histograms/?{query}").context["cards"]]
        for query in (
            "name=element_1",
            "prefix=elem",
            "dimension=2",
            "dataset=nothing",
            "prefix=%25",
            "prefix=ELEM",
        )
    }
    assert shown == {
        "name=element_1": ["element_1"], "prefix=elem": ["element_0", "element_1", "element_2"], "dimension=2": ["map"],
        "dataset=nothing": [], "prefix=%25": [], "prefix=ELEM": [],
    }  # fmt: skip


@pytest.mark.parametrize("query", ["dimension=x", "name=%00", "nonsense=1", "ordering=title", "cursor=x"])
def test_a_wrong_filter_is_named(client: Client, loaded: SourceFile, query: str) -> None:
    answer = client.get(f"/histograms/?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.content.decode()


def test_a_card_tells_where_the_element_was_measured(client: Client, loaded: SourceFile) -> None:
    (card,) = client.get("/histograms/?name=element_1").context["cards"]
    shown = card["shown"]
    assert (shown.n_datasets, shown.first_run, shown.latest.run, shown.latest.lumisection) == (
        1,
        1000,
        1000,
        12,
    )
    assert "<svg" in shown.plot


def test_the_list_takes_as_many_queries_for_one_element_as_for_twenty(
    client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(20):
        store(f"folder/e{number}", [FLAT])
    with django_assert_max_num_queries(12):
        client.get("/histograms/")


# An element


def test_an_element_tells_its_axes_its_runs_and_how_to_read_it(client: Client, loaded: SourceFile) -> None:
    page = client.get(f"/histograms/{element().pk}/").content.decode()
    assert "5 bins from 0 to 10" in page
    assert at() in page
    assert "/api/v1/lumisection-histograms/?element_id=" in page
    assert "format=uhi" in page
    assert "as_samples(element)" in page


def test_runs_without_the_element_are_left_out(client: Client, loaded: SourceFile) -> None:
    Lumisection.objects.create(run=Run.objects.create(number=2000), number=1)
    assert [run.number for run in client.get(f"/histograms/{element().pk}/").context["runs"]] == [1000]


def test_the_snippet_reads_what_the_page_shows(client: Client, loaded: SourceFile) -> None:
    names: dict[str, Any] = {}
    exec(client.get(at()).context["snippet"], names)  # noqa: S102  it is ours, and this is what it is for
    assert names["histograms"].counts.shape == (12, 7)


def test_other_binnings_of_the_name_are_named(client: Client) -> None:
    one = store("same", [FLAT])
    other = MonitoringElement.objects.create(name="same", binning="c", dimension=1, axes=one.axes)
    assert f"/histograms/{other.pk}/" in client.get(f"/histograms/{one.pk}/").content.decode()


@pytest.mark.parametrize("url", ["/histograms/99/", "/histograms/99/CMS/1000/", f"/histograms/{10**30}/"])
def test_an_unknown_element_is_not_found(client: Client, url: str) -> None:
    assert client.get(url).status_code == 404


# On the pages of runs


def test_a_run_shows_the_trend_of_its_elements_to_who_comes_to_them(
    client: Client, loaded: SourceFile, rf: Any
) -> None:
    *_, slot = filled("run.elements", rf.get("/"), run=Run.objects.get())
    assert "<svg" not in slot
    page = slot.split('hx-get="')[1].split('"')[0]
    assert f'href="{page}"' in slot, "without a script a link leads there"
    block = client.get(page, headers={"HX-Target": "elements"})
    assert block.content.decode().startswith('<section id="elements"')
    assert block.content.decode().count("<svg") == 3
    assert at("element_1") in block.content.decode()
    assert "HX-Target" in block["Vary"]
    assert "HX-Target" in client.get(page)["Vary"]


def test_a_lumisection_shows_its_histograms(client: Client, loaded: SourceFile, rf: Any) -> None:
    (slot,) = filled("lumisection.histograms", rf.get("/"), lumisection=Lumisection.objects.get(number=7))
    assert slot.count('class="over"') == 3
    assert "ls=7" in slot


def test_a_run_without_histograms_shows_nothing_there(rf: Any) -> None:
    run = Run.objects.create(number=1)
    assert filled("run.elements", rf.get("/"), run=run)[-1] == ""


def test_the_elements_of_a_run_come_in_pages(client: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        store(f"e{number:02}", [FLAT])
    with django_assert_max_num_queries(16):
        first = client.get("/histograms/of/CMS/5/").context["grid"]
    assert len(first.pictures) == 24
    second = client.get(f"/histograms/of/CMS/5/?after={first.next}").context
    assert [one.name for one in second["grid"].pictures] == [f"e{number:02}" for number in range(24, 30)]
    assert second["next_url"] == ""
    assert client.get(f"/histograms/of/CMS/5/{second['previous_url']}").context["grid"].next == first.next
    assert client.get("/histograms/of/CMS/5/?after=99999").status_code == 400
    assert client.get("/histograms/of/CMS/5/?ls=99").status_code == 404
    assert client.get("/histograms/of/CMS/5/?dataset=x").status_code == 400


# Everywhere


def test_the_page_of_an_element_in_a_run_takes_few_queries(
    client: Client, loaded: SourceFile, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(18):
        client.get(at())
    with django_assert_max_num_queries(14):
        client.get(at(end="?ls=3"), headers={"HX-Target": "histogram"})
    with django_assert_max_num_queries(9):
        client.get(at(end="figure.json"))


HOSTILE = "<script>alert(1)</script>'\"/=cmd|\u202ex"


def test_hostile_names_are_shown_as_text(client: Client, rf: Any) -> None:
    one = store(HOSTILE, [FLAT, FLAT])
    MonitoringElement.objects.update(x_label=HOSTILE, title=HOSTILE)
    Dataset.objects.update(name=HOSTILE)
    pages = (
        "/histograms/",
        f"/histograms/{one.pk}/",
        f"/histograms/{one.pk}/CMS/5/",
        "/histograms/of/CMS/5/?ls=1",
    )
    for url in pages:
        page = client.get(url)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
    title = figure(client, f"/histograms/{one.pk}/CMS/5/figure.json")["layout"]["yaxis"]["title"]["text"]
    assert "<" not in title


def test_pages_are_for_members(loaded: SourceFile) -> None:
    anonymous = Client()
    for url in (
        "/histograms/",
        f"/histograms/{element().pk}/",
        at(),
        at(end="figure.json"),
        f"/histograms/of/{RUN}/",
    ):
        answer = anonymous.get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/login/")
        assert Client().post(url).status_code == 405


def test_search_finds_elements_by_name_last_part_and_piece_and_datasets(loaded: SourceFile) -> None:
    store("Pixel/Tracks/charge_PXLayer_1", [FLAT])
    exact = {
        text: [(hit.label, hit.exact) for hit in search(text)]
        for text in ("element_1", "charge_PXLayer_1", "ZB")
    }
    assert exact["element_1"][0] == ("element_1", True)
    assert exact["charge_PXLayer_1"] == [("Pixel/Tracks/charge_PXLayer_1", True)]
    assert [hit.label for hit in search("charge_PX")] == ["Pixel/Tracks/charge_PXLayer_1"]
    assert [hit.label for hit in search("pxlayer")] == ["Pixel/Tracks/charge_PXLayer_1"]
    assert [hit.kind for hit in search("element_")] == ["element"] * 3
    Dataset.objects.update(name="/ZeroBias/Run2018A/DQMIO")
    assert [(hit.kind, hit.exact) for hit in search("/ZeroBias/Run2018A/DQMIO")] == [("dataset", True)]
    assert search("100%") == []
