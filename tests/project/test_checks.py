"""System checks say what is wrong with an installation, and what to do."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from project import checks
from project.models import Job


def ids(found: list[Any]) -> list[str]:
    assert all(message.hint for message in found)
    return [message.id for message in found]


def test_a_short_or_sample_key_is_warned_of(settings: Any) -> None:
    settings.SECRET_KEY = "k" * 60
    assert ids(checks.secret_key(None)) == []
    for key in ("short", "django-insecure-" + "k" * 60):
        settings.SECRET_KEY = key
        assert ids(checks.secret_key(None)) == ["lumisift.W001"]


def test_a_database_that_cannot_be_written_is_warned_of(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = settings.DATABASES["default"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.sqlite3")
    monkeypatch.setitem(database, "NAME", str(tmp_path / "a.sqlite3"))
    assert ids(checks.data_folder(None)) == []
    monkeypatch.setitem(database, "NAME", str(tmp_path / "nowhere" / "a.sqlite3"))
    assert ids(checks.data_folder(None)) == ["lumisift.W002"]
    monkeypatch.setitem(database, "ENGINE", "django.db.backends.postgresql")
    assert ids(checks.data_folder(None)) == []


@pytest.mark.django_db
def test_the_database_of_the_tests_is_in_order() -> None:
    assert ids(checks.sqlite(None, databases=["default"])) == []
    assert checks.sqlite(None) == []


class OldSqlite:
    """A connection as SQLite 3.7 on a network drive would give it."""

    vendor = "sqlite"

    class Database:
        sqlite_version_info = (3, 7, 0)

    def cursor(self) -> "OldSqlite":
        return self

    def __enter__(self) -> "OldSqlite":
        return self

    def __exit__(self, *error: object) -> None: ...

    def execute(self, statement: str) -> "OldSqlite":
        return self

    def fetchone(self) -> tuple[str]:
        return ("delete",)


def test_an_old_sqlite_without_wal_is_warned_of() -> None:
    assert ids(checks._sqlite(OldSqlite())) == ["lumisift.W003", "lumisift.W004"]


@pytest.mark.django_db
def test_jobs_that_nobody_works_on_are_warned_of() -> None:
    job = Job.objects.create(task="some.task")
    assert checks.worker(None, databases=["default"]) == []
    Job.objects.filter(pk=job.pk).update(created=timezone.now() - timedelta(minutes=5))
    found = checks.worker(None, databases=["default"])
    assert ids(found) == ["lumisift.W005"]
    assert found[0].msg.startswith("1 job waits")
    Job.objects.create(task="other", state="running", lease_until=timezone.now() + timedelta(minutes=1))
    assert checks.worker(None, databases=["default"]) == []


@pytest.mark.django_db
def test_a_database_without_tables_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def unmigrated(**terms: Any) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(Job.objects, "filter", unmigrated)
    assert checks.worker(None, databases=["default"]) == []


def test_debugging_in_public_is_warned_of(settings: Any) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost", "127.0.0.1"]
    assert checks.debugging_in_public(None) == []
    settings.ALLOWED_HOSTS = ["localhost", "lumisift.example.org"]
    assert ids(checks.debugging_in_public(None)) == ["lumisift.W006"]
    settings.DEBUG = False
    assert checks.debugging_in_public(None) == []


def test_a_site_that_answers_to_any_name_is_warned_of(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["lumisift.example.org"]
    assert checks.any_host(None) == []
    settings.ALLOWED_HOSTS = ["*"]
    assert ids(checks.any_host(None)) == ["lumisift.W007"]


def test_a_proxy_that_is_half_told_of_is_warned_of(settings: Any) -> None:
    assert checks.half_told_of_a_proxy(None) == []
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert ids(checks.half_told_of_a_proxy(None)) == ["lumisift.W008"]
    settings.LUMISIFT_PROXIES = 1
    assert checks.half_told_of_a_proxy(None) == []
