"""What every answer says to a browser, what requests are refused at the edge, and what a site in the open needs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.conftest import manage

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "/login/",
    "/",
    "/nothing-here/",
    "/api/v1/runs/",
    "/api/v1/nothing/",
    "/static/project/site.css",
    "/admin/",
)
PRODUCTION = {
    "DJANGO_ALLOWED_HOSTS": "lumisift.example.org",
    "DJANGO_HTTPS": "true",
    "DJANGO_PROXY_HTTPS_HEADER": "X-Forwarded-Proto",
    "LUMISIFT_PROXIES": "1",
}


def directives(policy: str) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_states_what_a_browser_may_do(client: Client, address: str) -> None:
    headers = client.get(address).headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    if not address.startswith("/static/"):
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80", "a b", "[::1"])
def test_a_host_that_is_not_ours_is_refused(client: Client, host: str) -> None:
    for address in ("/login/", "/api/v1/runs/"):
        answer = client.get(address, headers={"Host": host})
        assert answer.status_code == 400
        assert "evil.example" not in answer.content.decode()


def test_a_host_that_a_proxy_header_names_is_not_believed(client: Client, viewer: Any) -> None:
    client.force_login(viewer)
    answer = client.get("/api/v1/runs/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in answer.content.decode()


def test_a_body_that_is_too_large_is_refused(client: Client, settings: Any, viewer: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert client.post("/login/", {"username": "x" * 2000, "password": "y"}).status_code == 400
    assert client.post("/login/", {f"field{number}": "" for number in range(1002)}).status_code == 400


@pytest.fixture
def over_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000


@pytest.mark.usefixtures("over_https")
def test_https_is_kept_and_cookies_travel_by_it_alone(client: Client, viewer: Any) -> None:
    answer = client.get("/login/?a=1")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/login/?a=1")
    answer = client.post("/login/", {"username": "viewer", "password": "secret"}, secure=True)
    assert answer.cookies["sessionid"]["secure"]
    assert client.get("/login/", secure=True).cookies["csrftoken"]["secure"]
    assert answer["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.usefixtures("over_https")
def test_a_proxy_is_believed_about_https_only_when_told(client: Client, settings: Any) -> None:
    said = {"X-Forwarded-Proto": "https"}
    assert client.get("/login/", headers=said).status_code == 301
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/login/", headers=said).status_code == 200
    assert client.get("/login/", headers={"X-Forwarded-Proto": "http"}).status_code == 301


def test_public_reading_opens_what_is_read_and_nothing_else(
    client: Client, settings: Any, member: Callable[..., Any]
) -> None:
    settings.LUMISIFT_PUBLIC_READ = True
    for address in ("/", "/compare/", "/api/v1/runs/", "/api/schema/", "/api/docs/"):
        assert client.get(address).status_code == 200, address
    assert client.get("/admin/").status_code == 302
    assert client.get("/password/").status_code == 302
    assert client.post("/api/v1/trials/", {}, content_type="application/json").status_code == 401


@pytest.mark.sqlite_only
def test_the_production_settings_leave_nothing_to_warn_of() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("change", "warned_of"),
    [
        ({"DJANGO_HTTPS": "false"}, "security.W012"),
        ({"DJANGO_DEBUG": "true"}, "security.W018"),
        ({"DJANGO_SECRET_KEY": "short"}, "lumisift.W001"),
        ({"DJANGO_ALLOWED_HOSTS": "*"}, "lumisift.W007"),
        ({"LUMISIFT_PROXIES": "0"}, "lumisift.W008"),
    ],
)
def test_what_is_left_open_is_warned_of(change: dict[str, str], warned_of: str) -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **(PRODUCTION | change))
    assert done.returncode == 1
    assert warned_of in done.stderr
