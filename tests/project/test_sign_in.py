"""The door: who signs in, how often one may fail, and where one is led afterwards."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from project import throttling
from project.models import FailedTries
from project.throttling import (
    ADDRESS,
    FREE,
    LONGEST_WAIT,
    NAME,
    TOKEN,
    TooManyTries,
    Tries,
    address_of,
    wait_after,
)

pytestmark = pytest.mark.django_db
WRONG = "wrong"
Try = Callable[..., Any]


@pytest.fixture
def attempt(client: Client) -> Try:
    """One try to sign in, from an address."""

    def post(name: str, password: str = WRONG, address: str = "192.0.2.1", **headers: str) -> Any:
        return client.post(
            "/login/", {"username": name, "password": password}, REMOTE_ADDR=address, headers=headers
        )

    return post


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass."""
    passed = [0.0]
    real = timezone.now

    def wait(seconds: float) -> None:
        passed[0] += seconds
        monkeypatch.setattr(throttling.timezone, "now", lambda: real() + timedelta(seconds=passed[0]))

    return wait


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failures, NAME) for failures in range(FREE[NAME] - 1, FREE[NAME] + 10)]
    assert waits == [0, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    assert wait_after(10**6, NAME) == LONGEST_WAIT


def test_one_name_has_to_wait_from_wherever_it_is_tried(
    attempt: Try, later: Callable[[float], None], member: Callable[..., Any]
) -> None:
    member("viewer")
    for number in range(FREE[NAME]):
        assert attempt("viewer", address=f"192.0.2.{number}").status_code == 200
    refused = attempt(" viewer ", "secret", address="198.51.100.7")
    assert (refused.status_code, refused["Retry-After"]) == (429, "10")
    assert "Wait 1 minute, then try again" in refused.content.decode()
    assert attempt("other").status_code == 200
    later(11)
    assert attempt("viewer").status_code == 200
    assert attempt("VIEWER").status_code == 429
    later(21)
    assert attempt("viewer", "secret").status_code == 302
    assert not FailedTries.objects.filter(kind=NAME, failures__gte=FREE[NAME]).exists()


def test_one_address_has_to_wait_whatever_names_it_tries(attempt: Try, member: Callable[..., Any]) -> None:
    member("viewer")
    for number in range(FREE[ADDRESS]):
        assert attempt(f"name{number}").status_code == 200
    assert attempt("viewer", "secret").status_code == 429
    assert attempt("viewer", "secret", address="192.0.2.2").status_code == 302


def test_an_address_that_waits_makes_no_name_wait(attempt: Try) -> None:
    for number in range(FREE[ADDRESS]):
        attempt(f"name{number}")
    for _ in range(FREE[NAME] + 1):
        attempt("victim")
    assert not FailedTries.objects.filter(kind=NAME, key=throttling.hashed(NAME, "victim")).exists()


def test_who_has_an_account_gets_no_more_guesses_by_it(attempt: Try, member: Callable[..., Any]) -> None:
    member("viewer")
    for number in range(FREE[ADDRESS]):
        assert attempt("viewer", "secret").status_code == 302
        assert attempt(f"name{number}").status_code == 200
    assert attempt("viewer", "secret").status_code == 429


def test_a_failure_is_forgotten_after_a_day(attempt: Try, later: Callable[[float], None]) -> None:
    for _ in range(FREE[NAME] - 1):
        attempt("viewer")
    later(86_500)
    assert attempt("viewer").status_code == 200
    assert FailedTries.objects.get(kind=NAME).failures == 1
    attempt("other")
    assert FailedTries.objects.count() == 3


def test_old_rows_are_swept(attempt: Try, later: Callable[[float], None]) -> None:
    attempt("viewer")
    later(86_500)
    attempt("other", address="192.0.2.9")
    assert FailedTries.objects.count() == 2


def test_the_answer_does_not_tell_which_accounts_exist(attempt: Try, member: Callable[..., Any]) -> None:
    member("viewer")
    member("shifter", is_active=False)
    pages = {attempt(name).context["form"].non_field_errors()[0] for name in ("viewer", "shifter", "nobody")}
    assert len(pages) == 1
    for name in ("viewer", "nobody"):
        for _ in range(FREE[NAME]):
            last = attempt(name)
        assert (last.status_code, last["Retry-After"]) == (429, "10")
        assert last.context["form"].non_field_errors() == [
            "Too many tries failed. Wait 1 minute, then try again."
        ]


def test_neither_name_nor_address_is_kept(attempt: Try) -> None:
    attempt("my-password-in-the-wrong-field")
    kept = str(list(FailedTries.objects.values()))
    assert "password" not in kept
    assert "192.0.2.1" not in kept


def test_a_try_without_a_password_is_none(attempt: Try) -> None:
    assert attempt("viewer", "").status_code == 200
    assert attempt("", "secret").status_code == 200
    assert attempt("a\0b", "secret").status_code == 200
    assert not FailedTries.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_one_moment_are_no_way_around() -> None:
    def one(_: int) -> bool:
        try:
            Tries((NAME, "viewer")).begin()
        except TooManyTries:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(24))) == FREE[NAME]


@pytest.fixture
def request_from(settings: Any) -> Iterator[Callable[..., str]]:
    def make(remote: str, forwarded: str = "", proxies: int = 0) -> str:
        settings.LUMISIFT_PROXIES = proxies
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        return address_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))

    return make


@pytest.mark.parametrize(
    ("asked", "means"),
    [
        (("192.0.2.1",), "192.0.2.1"),
        (("192.0.2.1", "203.0.113.9"), "192.0.2.1"),
        (("192.0.2.1", "203.0.113.9", 1), "203.0.113.9"),
        (("192.0.2.1", "6.6.6.6, 203.0.113.9", 1), "203.0.113.9"),
        (("192.0.2.1", "6.6.6.6, 203.0.113.9, 10.0.0.1", 2), "203.0.113.9"),
        (("192.0.2.1", "203.0.113.9", 2), "192.0.2.1"),
        (("192.0.2.1", "nonsense", 1), ""),
        (("::ffff:192.0.2.1",), "192.0.2.1"),
        (("2001:db8:1:2:3:4:5:6",), "2001:db8:1:2::/64"),
        (("",), ""),
    ],
)
def test_the_address_is_what_the_last_trusted_machine_saw(
    request_from: Callable[..., str], asked: tuple[Any, ...], means: str
) -> None:
    assert request_from(*asked) == means


def test_wrong_tokens_have_to_wait_and_right_ones_do_not(client: Client, viewer: Any) -> None:
    from project.tokens.services import make

    _, right = make(viewer, "script")
    wrong = {"Authorization": f"Bearer lsf_{'0' * 12}_{'x' * 43}"}
    for _ in range(FREE[TOKEN]):
        assert client.get("/api/v1/runs/", headers=wrong).status_code == 401
    refused = client.get("/api/v1/runs/", headers=wrong)
    assert (refused.status_code, refused["Retry-After"]) == (429, "10")
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["status"] == 429
    assert client.get("/api/v1/runs/", headers={"Authorization": f"Bearer {right}"}).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/compare/?a=1", "/compare/?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http:///evil.example", "/"),
    ],
)
def test_nobody_is_led_elsewhere(client: Client, viewer: Any, wanted: str, led: str) -> None:
    answer = client.post("/login/", {"username": "viewer", "password": "secret", "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, led)
    away = client.post("/logout/", {"next": wanted})
    assert away["Location"] == (led if led != "/" else "/login/")


def test_a_sign_in_gives_a_new_session_that_scripts_cannot_read(client: Client, viewer: Any) -> None:
    client.get("/login/")
    session = client.session
    session["before"] = 1
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    answer = client.post("/login/", {"username": "viewer", "password": "secret"})
    cookie = answer.cookies["sessionid"]
    assert cookie.value != planted
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 7 * 86_400)
    assert not Client(headers={"Cookie": f"sessionid={planted}"}).session.get("_auth_user_id")


def test_a_cookie_that_no_database_can_look_for_is_nobody(client: Client) -> None:
    for strange in ('"aaaaaaaaaa\\000"', "x" * 5_000, "'"):
        answer = client.get("/runs/", headers={"Cookie": f"sessionid={strange}"})
        assert answer.status_code == 302, strange


def test_forms_of_elsewhere_are_refused(viewer: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/login/", {"username": "viewer", "password": "secret"}).status_code == 403
    strict.force_login(viewer)
    assert strict.post("/logout/").status_code == 403
    assert strict.post("/api/v1/trials/", {}, content_type="application/json").status_code == 403


def change(client: Client, old: str, new: str) -> Any:
    return client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": new})


def test_a_password_is_changed_and_other_sessions_end(client: Client, viewer: Any) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(viewer)
    assert change(client, "secret", "Qx7-violet-harbour")["Location"] == "/profile/"
    assert client.get("/compare/").status_code == 200
    assert elsewhere.get("/compare/").status_code == 302
    assert get_user_model().objects.get(username="viewer").check_password("Qx7-violet-harbour")


@pytest.mark.parametrize("weak", ["short-1x", "password123", "1029384756", "viewer@example"])
def test_a_weak_password_is_refused(client: Client, viewer: Any, weak: str) -> None:
    client.force_login(viewer)
    answer = change(client, "secret", weak)
    assert answer.status_code == 200
    assert answer.context["form"].errors["new_password2"]


def test_who_finds_an_open_session_cannot_guess_the_password(client: Client, viewer: Any) -> None:
    client.force_login(viewer)
    for _ in range(FREE[NAME]):
        assert change(client, "guess", "Qx7-violet-harbour").status_code == 200
    answer = change(client, "secret", "Qx7-violet-harbour")
    assert (answer.status_code, answer["Retry-After"]) == (429, "10")
