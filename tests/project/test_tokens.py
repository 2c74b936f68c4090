"""A token lets a program in in its user's name: never for more than the user may, never for longer than it lives."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from project.errors import UserError
from project.models import ApiToken, Job
from project.tokens import services
from project.tokens.secrets import digest, parts_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/jobs/"


def bearer(text: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {text}"}}


def test_its_text_is_shown_once_and_only_a_hash_is_kept(viewer: Any) -> None:
    token, text = services.make(viewer, "notebook")
    parts = parts_of(text)
    assert parts is not None
    assert text.startswith(f"lsf_{token.public_id}_")
    stored = ApiToken.objects.values().get()
    assert parts.secret not in str(stored)
    assert stored["digest"] == digest(parts.secret)
    assert len(parts.secret) == 43  # 32 bytes
    assert token.expires - timezone.now() > timedelta(days=89)
    assert services.make(viewer, "notebook")[1] != text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "name: "), ({"name": "x" * 65}, "name: "), ({"name": "a\0b"}, "name: "),
        ({"name": "a\u202eb"}, "name: "), ({"scope": "admin"}, "scope: "), ({"days": 0}, "days: "),
        ({"days": 367}, "days: "), ({"days": True}, "days: "),
    ],
)  # fmt: skip
def test_it_is_not_made_of_nonsense(viewer: Any, fields: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=f"^{says}"):
        services.make(viewer, **{"name": "script", **fields})
    assert not ApiToken.objects.exists()


def test_a_user_has_a_bounded_number_of_live_ones(viewer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_LIVE", 2)
    first, _ = services.make(viewer, "one")
    services.make(viewer, "two")
    with pytest.raises(UserError, match="revoke one first"):
        services.make(viewer, "three")
    services.revoke(first)
    services.make(viewer, "three")
    assert [token.name for token in ApiToken.objects.of(viewer)] == ["three", "two", "one"]
    assert [token.name for token in ApiToken.objects.of(viewer).live()] == ["three", "two"]


def test_it_reads_for_its_user(client: Client, viewer: Any) -> None:
    _, text = services.make(viewer, "script")
    assert client.get(URL).status_code == 401
    assert client.get(URL, **bearer(text)).status_code == 200
    assert client.get(URL, headers={"Authorization": f"bearer {text}"}).status_code == 200
    assert client.get("/api/schema/", **bearer(text)).status_code == 200


def test_it_is_no_way_into_the_pages(client: Client, admin: Any) -> None:
    _, text = services.make(admin, "script", "write")
    assert client.get("/", **bearer(text)).status_code == 302
    assert client.get("/admin/", **bearer(text)).status_code == 302


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [("expert", "write", 200), ("expert", "read", 403), ("shifter", "write", 403), ("viewer", "read", 403)],
)
def test_the_right_is_the_smaller_of_role_and_scope(
    client: Client, member: Callable[..., Any], role: str, scope: str, status: int
) -> None:
    _, text = services.make(member(role), "script", scope)
    job = Job.objects.create(task="some.task")
    answer = client.post(f"{URL}{job.pk}/cancel/", **bearer(text))
    assert answer.status_code == status
    if status == 403:
        assert answer["Content-Type"] == "application/problem+json"


def test_a_write_token_needs_no_csrf_and_a_session_does(member: Callable[..., Any]) -> None:
    expert = member("expert")
    client = Client(enforce_csrf_checks=True)
    job = Job.objects.create(task="some.task")
    client.force_login(expert)
    assert client.post(f"{URL}{job.pk}/cancel/").status_code == 403
    client.logout()
    _, text = services.make(expert, "script", "write")
    assert client.post(f"{URL}{job.pk}/cancel/", **bearer(text)).status_code == 200


WRONG = ("", "x", "lsf_", "lsf_000000000000_" + "A" * 43, "é", "lsf_" + "0" * 5000, "lsf_0\t0", "two words")


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_one_is_401_with_a_challenge(client: Client, viewer: Any, text: str) -> None:
    # Even beside a session, and on a site that everybody may read: who shows a key means it.
    client.force_login(viewer)
    answer = client.get(URL, **bearer(text))
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["detail"] == "There is no such token."


def test_a_changed_secret_is_as_unknown_as_no_token(client: Client, viewer: Any) -> None:
    _, text = services.make(viewer, "script")
    other = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert client.get(URL, **bearer(other)).json()["detail"] == "There is no such token."


def expire(token: ApiToken) -> None:
    ApiToken.objects.update(expires=timezone.now())


def leave(token: ApiToken) -> None:
    token.user.is_active = False
    token.user.save()


@pytest.mark.parametrize(
    ("end", "says"), [(expire, "expired on"), (services.revoke, "was revoked"), (leave, "is not active")]
)
def test_it_ends(client: Client, viewer: Any, end: Callable[[ApiToken], None], says: str) -> None:
    token, text = services.make(viewer, "script")
    end(token)
    answer = client.get(URL, **bearer(text))
    assert answer.status_code == 401
    assert says in answer.json()["detail"]


def test_revoking_twice_keeps_the_first_moment(viewer: Any) -> None:
    token, _ = services.make(viewer, "script")
    services.revoke(token)
    first = token.revoked
    services.revoke(token)
    assert token.revoked == first


def test_its_use_is_noted_once_a_minute(client: Client, viewer: Any) -> None:
    token, text = services.make(viewer, "script")
    client.get(URL, **bearer(text))
    token.refresh_from_db()
    first = token.last_used
    assert first is not None
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(URL, **bearer(text))
    assert not [query for query in queries if "UPDATE" in query["sql"]]
    ApiToken.objects.update(last_used=first - timedelta(minutes=2))
    client.get(URL, **bearer(text))
    token.refresh_from_db()
    assert token.last_used >= first


def test_a_busy_database_does_not_keep_a_reader_out(
    client: Client, viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, text = services.make(viewer, "script")

    def locked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(QuerySet, "update", locked)
    assert client.get(URL, **bearer(text)).status_code == 200
