"""The tree of a run's elements, and what leads from run to run: datasets, folders, lumisections, the jump box."""

from typing import Any

import pytest
from django.test import Client

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from histos.rates import RATERS, Rates, Share
from histos.services import ensure_dataset
from project.models import SourceFile
from runs.models import Lumisection, Run
from runs.scores import Choice
from tests.histos.stored import FLAT, store

pytestmark = pytest.mark.django_db
NAMES = ("Pixel/Tracks/charge", "Pixel/Tracks/size", "Pixel/adc", "Strip/adc", "alone")


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def tree() -> None:
    for name in NAMES:
        store(name, [FLAT] * 4, numbers=[1, 2, 5, 6])
    store("Pixel/Tracks/charge2", [FLAT], run=8)


def names(context: Any) -> list[str]:
    return [one.element.name for one, _ in context["cards"]]


def test_folders_of_a_run_lead_down_the_names(client: Client, tree: None) -> None:
    top = client.get("/histograms/of/CMS/5/").context
    assert [(one.path, one.n) for one, _, _ in top["folders"]] == [("Pixel/", 3), ("Strip/", 1)]
    inside = client.get("/histograms/of/CMS/5/" + top["folders"][0][1]).context
    assert names(inside) == ["Pixel/Tracks/charge", "Pixel/Tracks/size", "Pixel/adc"]
    assert [(one.path, one.n) for one, _, _ in inside["folders"]] == [("Pixel/Tracks/", 2)]
    assert names(client.get("/histograms/of/CMS/5/" + inside["up_url"]).context) == list(NAMES)
    assert names(client.get("/histograms/of/CMS/5/?folder=Pixel/Tracks").context) == list(NAMES[:2])
    assert "Show all" in client.get("/histograms/of/CMS/5/?folder=Nothing/").content.decode()


def test_the_address_alone_says_what_is_shown(client: Client, tree: None) -> None:
    state = "?dataset=ZB&ls=2&folder=Pixel%2F&across=6"
    page = client.get(f"/histograms/of/CMS/5/{state}")
    assert page.context["grid"].ls == 2
    assert 'class="small-plots histos-grid across-6"' in page.content.decode()
    for url in (page.context["ls_after_url"], page.context["ls_before_url"], page.context["widths"][3][1]):
        for part in ("dataset=ZB", "folder=Pixel%2F", "across="):
            assert part in url
    assert "ls=5" in page.context["ls_after_url"]
    assert page.context["run_after_url"].startswith("/histograms/of/CMS/8/?")
    assert "ls=" not in page.context["run_after_url"]
    assert "folder=Pixel%2F" in page.context["run_after_url"]


def test_keys_are_on_what_leads_to_the_next(client: Client, tree: None) -> None:
    text = client.get("/histograms/of/CMS/5/?ls=2&folder=Pixel/").content.decode()
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "&gt;", "w", "b"):
        assert f'data-key="{key}"' in text


@pytest.mark.parametrize(
    ("typed", "where"),
    [("8", "8/?folder=Pixel%2F"), ("8:1", "8/?folder=Pixel%2F&ls=1"), (":6", "5/?folder=Pixel%2F&ls=6")],
)  # fmt: skip
def test_the_jump_box_keeps_the_folder(client: Client, tree: None, typed: str, where: str) -> None:
    answer = client.get("/histograms/of/CMS/5/", {"folder": "Pixel/", "ls": "2", "after": "1", "jump": typed})
    assert answer["Location"] == f"/histograms/of/CMS/{where}"


@pytest.mark.parametrize(
    "query", ["across=5", "across=x", "ls=0", "after=999999", "dataset=x", "jump=x", "after=x"]
)
def test_a_wrong_parameter_is_named(client: Client, tree: None, query: str) -> None:
    answer = client.get(f"/histograms/of/CMS/5/?{query}")
    assert answer.status_code == 400
    assert f"{query.partition('=')[0]}: " in answer.content.decode()


def test_what_an_app_above_rates_is_a_pill_on_folders_and_elements(
    client: Client, tree: None, monkeypatch: Any
) -> None:
    shares = {"Pixel/Tracks/charge": Share(3, 4), "Pixel/adc": Share(0, 4), "alone": Share(0, 0)}
    seen = []

    def rater(request: Any, run: Run, dataset: Dataset, ls: int | None) -> Rates:
        seen.append((run.number, dataset.name, ls))
        return Rates(shares, [Choice("7", "some trial")], "7")

    monkeypatch.setattr("histos.rates.RATERS", [rater])
    page = client.get("/histograms/of/CMS/5/?ls=2")
    assert seen == [(5, "ZB", 2)]
    found = {one.path: share for one, _, share in page.context["folders"]}
    assert found == {"Pixel/": Share(3, 8), "Strip/": None}
    text = page.content.decode()
    assert "37 %" in text or "38 %" in text
    assert "3 of 8 histograms scored are flagged" in text
    assert "75 %" in text
    assert text.count('class="pill rate') == 2
    assert len(RATERS) == 1


def test_datasets_lead_to_their_runs_and_these_to_the_tree(client: Client, tree: None) -> None:
    other = ensure_dataset("/JetHT/Run2018A-UL/DQMIO")
    only = Lumisection.objects.get(run__number=8)
    LumisectionHistogram.objects.filter(lumisection=only).update(dataset=other)
    page = client.get("/histograms/browse/?dataset=ZB").context
    assert [run.number for run in page["runs"]] == [5]
    assert [one.name for one, _ in page["datasets"]] == ["/JetHT/Run2018A-UL/DQMIO", "ZB"]
    first = client.get("/histograms/browse/").context
    assert (first["dataset"].name, [run.number for run in first["runs"]]) == (other.name, [8])
    assert "/histograms/of/CMS/5/?dataset=ZB" in client.get("/histograms/browse/?dataset=ZB").content.decode()
    assert client.get("/histograms/browse/?dataset=x").status_code == 400
    jump = client.get("/histograms/browse/?dataset=ZB&jump=5:2")
    assert jump["Location"] == "/histograms/of/CMS/5/?dataset=ZB&ls=2"
    for wrong in ("99", ":3", "x"):
        assert client.get(f"/histograms/browse/?jump={wrong}").status_code == 400


def test_runs_of_a_dataset_come_in_pages(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("histos.views.browse.LOOKED_AT", 2)
    for number in (5, 6, 7, 8, 9):
        store(f"e{number}", [FLAT], run=number)
    first = client.get("/histograms/browse/").context
    assert [run.number for run in first["runs"]] == [9, 8]
    second = client.get("/histograms/browse/" + first["further_url"]).context
    assert [run.number for run in second["runs"]] == [7, 6]
    last = client.get("/histograms/browse/" + second["further_url"]).context
    assert ([run.number for run in last["runs"]], last["further_url"]) == ([5], "")


def test_without_histograms_it_says_how_to_load_some(client: Client) -> None:
    assert "manage.py" in client.get("/histograms/browse/").content.decode()
    Run.objects.create(number=3)
    assert "load_histos" in client.get("/histograms/of/CMS/3/").content.decode()


def test_what_is_still_loading_is_not_in_the_tree(client: Client, tree: None) -> None:
    file = SourceFile.objects.create(name="x", reader="r", state=SourceFile.State.LOADING, sha256="1" * 64)
    chosen = MonitoringElement.objects.get(name="alone")
    chosen.histograms.update(file=file)
    assert names(client.get("/histograms/of/CMS/5/").context) == list(NAMES[:-1])


HOSTILE = "<script>alert(1)</script>'\"|\u202ex"


def test_hostile_names_are_shown_as_text(client: Client) -> None:
    store(f"{HOSTILE}/{HOSTILE}", [FLAT] * 2)
    Dataset.objects.update(name=HOSTILE)
    one = MonitoringElement.objects.get()
    pages = ("of/CMS/5/", "of/CMS/5/?ls=1", "browse/", "missing/CMS/5/", "missing/", f"{one.pk}/runs/")
    for page in pages:
        answer = client.get(f"/histograms/{page}")
        assert answer.status_code == 200, page
        assert "<script>alert" not in answer.content.decode()
