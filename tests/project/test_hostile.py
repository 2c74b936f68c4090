"""Whatever a text holds, pages show it as text, spreadsheets run none of it, and JSON stays JSON."""

import csv
import io
import json
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from project.api import LISTS
from project.registry_api import Registry
from project.resource import Resource
from runs.models import Run
from tests.project.addresses import VALUES, addresses
from tests.project.hostile import FORMULAS, TEXTS, read, spoil
from tests.project.world import World, make_world

pytestmark = pytest.mark.django_db
MARKED = "x-bad"


@pytest.fixture
def world(client: Client, admin: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    client.force_login(admin)
    monkeypatch.setitem(VALUES, "experiment", "CMS")
    return make_world(admin)


def content(response: HttpResponse) -> str:
    parts = response if response.streaming else [response.content]
    return b"".join(parts).decode(errors="replace")


def everything(client: Client, world: World) -> dict[str, tuple[int, str, str]]:
    """Status, media type and content of every address, by its name."""
    found = {}
    VALUES["experiment"] = world[Run].experiment
    for address in addresses():
        response = client.get(address.url(world))
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        found[address.name] = (response.status_code, kind, content(response))
    return found


@pytest.fixture(scope="module")
def statuses() -> dict[str, int]:
    """The status of every address in a world without hostile texts: the first test that asks fills it."""
    return {}


@pytest.fixture
def before(statuses: dict[str, int], client: Client, world: World) -> dict[str, int]:
    if not statuses:
        statuses |= {name: status for name, (status, *_) in everything(client, world).items()}
    return statuses


@pytest.mark.parametrize("kind", TEXTS)
def test_every_page_shows_a_hostile_text_as_text(
    kind: str, client: Client, world: World, before: dict[str, int]
) -> None:
    assert not [name for name, status in before.items() if status >= 500]
    spoil(world, TEXTS[kind])
    wrong, shown, links = [], 0, {}
    for name, (status, media, text) in everything(client, world).items():
        if status != before[name]:
            wrong.append(f"{name}: {status} instead of {before[name]}")
        wrong += [f"{name}: {why}" for why in says(media, text)]
        if media == "text/html":
            page = read(text)
            shown += MARKED in page.words
            links |= {link: name for link in page.links if not link.startswith(("/admin/", "/static/"))}
    wrong += [f"{page} leads to {link}: {why}" for link, page in links.items() for why in leads(client, link)]
    assert not wrong, "\n".join(wrong)
    assert shown > 30


def says(media: str, text: str) -> Iterator[str]:
    """What is wrong with an answer."""
    if media == "text/html":
        page = read(text)
        yield from page.wrong
        if "98766" in page.words:
            yield "a template ran"
    elif "json" in media:
        yield from (f"markup for the plot: {one!r:.80}" for one in plotted(json.loads(text)))


def plotted(value: Any) -> Iterator[str]:
    """Texts in a figure; Plotly takes tags in them for markup, and entities for characters."""
    if isinstance(value, dict) and {"data", "layout"} <= value.keys():
        yield from (text for text in texts(value) if f"<{MARKED}" in text)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            # A place among categories and what belongs to a point are never drawn as markup, unless named in a text.
            yield from texts(inner) if name not in ("href", "url") else ()
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def leads(client: Client, link: str) -> Iterator[str]:
    """Why ``link``, which a page of hostile texts has, leads nowhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return
    status = client.get(link).status_code
    if status not in (200, 302, 405):
        yield str(status)


TABLES = [name for name, resource in LISTS.items() if not issubclass(resource, Registry)]
"""Lists of what is stored; the others are lists of what the code offers."""


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_table_holds_a_formula(formula: str, client: Client, world: World) -> None:
    spoil(world, formula)
    paths = [f"/api/v1/{name}/?format=csv&fields={','.join(_columns(name))}" for name in TABLES]
    for path in (*paths, *_tables_of_pages(client, world)):
        response = client.get(path)
        assert response.status_code == 200, path
        rows = list(csv.reader(io.StringIO(content(response), newline="")))
        run = [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r", "-1+"))]
        assert not run, (path, run)


def _columns(name: str) -> list[str]:
    resource: type[Resource] = LISTS[name]
    return list(resource.columns)


def _tables_of_pages(client: Client, world: World) -> Iterator[str]:
    for address in addresses():
        if address.route.endswith(".csv"):
            yield address.url(world)


@pytest.mark.parametrize("kind", TEXTS)
def test_json_gives_back_what_is_stored(kind: str, client: Client, world: World) -> None:
    spoil(world, TEXTS[kind])
    for name in TABLES:
        answer = client.get(f"/api/v1/{name}/", {"fields": ",".join(_columns(name))})
        assert answer.status_code == 200
        rows = json.loads(answer.content)["results"]
        if "name" in _columns(name):
            assert rows[0]["name"] == world[LISTS[name].model].name


def test_what_is_looked_for_would_be_found() -> None:
    assert len(read(f"<p>{TEXTS['markup']}</p>").wrong) > 2
    assert read("<p title='" + TEXTS["quotes"] + "'>").wrong
    assert read("<a href=' JavaScript:bad()'>").wrong
    assert not read(f"<p>{escape(TEXTS['markup'])}</p><script src='/static/a.js'></script>").wrong
