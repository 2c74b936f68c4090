"""Who may do what: ``permissions.txt`` has a row for every address and method. A new one without a row fails.

With PERMISSION_ROWS=add in the environment the missing rows are written into the table as the site answers now, and
those whose address is gone are taken out: read what changed before it is committed.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from project.access import ROLES
from tests.project.addresses import Address, addresses
from tests.project.world import World, make_world

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).with_name("permissions.txt")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WHO = ("anonymous", "public", *ROLES)
"""``public``: anonymous, on a site with LUMISIFT_PUBLIC_READ."""
ADDRESSES = {one.name: one for one in addresses()}
OPEN = ("login", "logout", "admin:login", "admin:logout")
"""What somebody who is not signed in may ask."""
PARTS = ("pages", "api", "admin")
Row = tuple[str, str]


def read_table() -> dict[Row, tuple[str, ...]]:
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    assert max(Counter((name, method) for name, method, *_ in lines).values(), default=1) == 1, (
        "a row is there twice"
    )
    return {(name, method): tuple(cells) for name, method, *cells in lines}


ROWS = read_table()


def cell(response: HttpResponse) -> str:
    """What an answer says about the door, whatever it says beyond."""
    status, there = response.status_code, response.headers.get("Location", "")
    if status == 401 or (status == 302 and there.startswith(("/login/?next=", "/admin/login/"))):
        return "login"
    return {403: "refused", 404: "absent", 405: "no-such"}.get(
        status, "allowed" if status < 500 else str(status)
    )


@contextmanager
def nothing_stays() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Doors:
    """Asks in every role; nothing that is asked leaves a trace."""

    def __init__(self, member: Callable[..., Any]) -> None:
        people = {role: member(role) for role in ROLES}
        self.world: World = make_world(people["expert"])
        self.client = Client(raise_request_exception=False)
        self.cookies: dict[str, str] = {}
        for role, person in people.items():
            self.client.cookies = SimpleCookie()
            self.client.force_login(person)
            self.cookies[role] = self.client.cookies.output(header="")

    def ask(self, who: str, address: Address, method: str, public: bool = False) -> str:
        self.client.cookies = SimpleCookie(self.cookies.get(who, ""))
        site.LUMISIFT_PUBLIC_READ = public or who == "public"
        body = {"content_type": "application/json"} if method != "GET" and "api/" in address.route else {}
        with nothing_stays():
            return cell(getattr(self.client, method.lower())(address.url(self.world), **body))

    def row(self, address: Address, method: str) -> tuple[str, ...]:
        return tuple(self.ask(who, address, method) for who in WHO)


@pytest.fixture
def doors(db: None, member: Callable[..., Any], settings: Any, tmp_path: Path) -> Iterator[Doors]:
    settings.LUMISIFT_UPLOAD_DIR = tmp_path
    yield Doors(member)
    # Not by the fixture ``settings``, which keeps every value it is given on a pile.
    site.LUMISIFT_PUBLIC_READ = False


def line(name: str, method: str, cells: tuple[str, ...]) -> str:
    return f"{name:<52} {method:<6} " + " ".join(f"{one:<9}" for one in cells).rstrip()


def write_table(rows: dict[Row, tuple[str, ...]]) -> None:
    head = [text for text in TABLE.read_text().splitlines() if text.startswith("#")]
    kept = sorted(rows.items(), key=lambda row: (group(row[0][0]), row[0][0], METHODS.index(row[0][1])))
    TABLE.write_text("\n".join([*head, *(line(*key, cells) for key, cells in kept)]) + "\n")


def group(name: str) -> int:
    """Which of ``PARTS`` an address is of."""
    return 2 if name.startswith("admin") else int(ADDRESSES[name].route.startswith("api/"))


def test_every_address_and_method_has_a_row(doors: Doors) -> None:
    there = {
        (name, method)
        for name, address in ADDRESSES.items()
        for method in METHODS
        if (name, method) in ROWS or doors.ask("admin", address, method) != "no-such"
    }
    missing = {key: doors.row(ADDRESSES[key[0]], key[1]) for key in sorted(there - ROWS.keys())}
    if os.environ.get("PERMISSION_ROWS") == "add":
        write_table({key: cells for key, cells in ROWS.items() if key[0] in ADDRESSES} | missing)
    words = "\n".join(line(*key, cells) for key, cells in missing.items())
    assert not missing, (
        f"Is this who may do it? Then add to {TABLE.name}, or run with PERMISSION_ROWS=add:\n{words}"
    )
    assert {name for name, _ in ROWS} <= ADDRESSES.keys(), "rows of addresses that are gone"


@pytest.mark.parametrize("part", range(len(PARTS)), ids=PARTS)
def test_each_role_may_do_what_the_table_says(part: int, doors: Doors) -> None:
    wrong = []
    for key, cells in ROWS.items():
        if group(key[0]) == part and (found := doors.row(ADDRESSES[key[0]], key[1])) != cells:
            wrong.append(f"{line(*key, cells)}\n{'but found':>59} {line('', '', found).strip()}")
    assert not wrong, "\n".join([line("", "", WHO), *wrong])


def test_public_reading_changes_nothing_for_who_has_an_account(doors: Doors) -> None:
    for (name, method), cells in ROWS.items():
        role = "viewer" if cells[WHO.index("viewer")] != "allowed" else "shifter"
        assert doors.ask(role, ADDRESSES[name], method, public=True) == cells[WHO.index(role)], (name, method)


def test_the_table_makes_sense() -> None:
    for (name, method), cells in ROWS.items():
        row = dict(zip(WHO, cells, strict=True))
        assert set(cells) <= {"allowed", "refused", "login", "absent"}, (name, method)
        held = [row[role] in ("allowed", "absent") for role in ROLES]
        assert held == sorted(held), f"{name} {method}: a higher role may less"
        assert name in OPEN or row["anonymous"] == "login", (name, method)
        assert name in OPEN or method == "GET" or row["public"] == "login", (name, method)
