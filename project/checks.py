"""System checks of the site: what is wrong with this installation, and what to do about it."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connections
from django.utils import timezone

SHORTEST_KEY = 50
OLDEST_SQLITE = (3, 37)
WAITING = timedelta(minutes=2)
LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}


@register(Tags.security)
def secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= SHORTEST_KEY and not settings.SECRET_KEY.startswith("django-insecure-"):
        return []
    return [
        Warning(
            f"The secret key is shorter than {SHORTEST_KEY} characters, or a sample.",
            hint="Unset DJANGO_SECRET_KEY and one is made and kept in .secret_key, or give a long one.",
            id="lumisift.W001",
        )
    ]


@register()
def data_folder(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    name = str(database["NAME"])
    if not database["ENGINE"].endswith("sqlite3") or name.startswith("file:") or ":memory:" in name:
        return []
    path = Path(name)
    if os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK)):
        return []
    return [
        Warning(
            f"The database {path} or its folder cannot be written.",
            hint="SQLite writes its log beside the file: make both writable, or set DJANGO_DATABASE_NAME.",
            id="lumisift.W002",
        )
    ]


@register(Tags.database)
def sqlite(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return [message for alias in databases or () for message in _sqlite(connections[alias])]


def _sqlite(connection: Any) -> list[CheckMessage]:
    if connection.vendor != "sqlite":
        return []
    found: list[CheckMessage] = []
    version = connection.Database.sqlite_version_info
    if version[:2] < OLDEST_SQLITE:
        hint = "Use a newer Python, or PostgreSQL by DATABASE_URL."
        found.append(Warning(f"SQLite {'.'.join(map(str, version))} is old.", hint=hint, id="lumisift.W003"))
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
    if mode not in ("wal", "memory"):
        hint = "Readers wait for writers so. Is the file on a network drive? Move it to a local one."
        found.append(Warning(f"SQLite runs in journal mode {mode}, not WAL.", hint=hint, id="lumisift.W004"))
    return found


@register(Tags.database)
def worker(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    from project.models import Job

    if "default" not in (databases or ()):
        return []
    now = timezone.now()
    try:
        waiting = Job.objects.filter(state=Job.State.QUEUED, created__lt=now - WAITING).count()
        at_work = Job.objects.filter(state=Job.State.RUNNING, lease_until__gte=now).exists()
    except DatabaseError:
        return []  # not migrated yet, which Django's own checks say
    if not waiting or at_work:
        return []
    return [
        Warning(
            f"{waiting} job{'s wait' if waiting > 1 else ' waits'} and no worker was heard of.",
            hint="Start one: manage.py worker",
            id="lumisift.W005",
        )
    ]


@register(Tags.security)
def debugging_in_public(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    public = [
        host for host in settings.ALLOWED_HOSTS if host not in LOCAL and not host.endswith(".localhost")
    ]
    if not settings.DEBUG or not public:
        return []
    return [
        Warning(
            f"DJANGO_DEBUG is on and the site answers to {', '.join(public)}: errors show settings and code.",
            hint="Set DJANGO_DEBUG=false, or take public names out of DJANGO_ALLOWED_HOSTS.",
            id="lumisift.W006",
        )
    ]


@register(Tags.security)
def any_host(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Warning(
            "The site answers to any name: whoever asks chooses the addresses that it writes into its answers.",
            hint="Name the site in DJANGO_ALLOWED_HOSTS.",
            id="lumisift.W007",
        )
    ]


@register(Tags.security)
def half_told_of_a_proxy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.SECURE_PROXY_SSL_HEADER or settings.LUMISIFT_PROXIES:
        return []
    return [
        Warning(
            "DJANGO_PROXY_HTTPS_HEADER names a proxy, LUMISIFT_PROXIES counts none: to the site all who sign in come "
            "from one address, and the failures of one make all wait.",
            hint="Set LUMISIFT_PROXIES to the number of proxies before the site, usually 1.",
            id="lumisift.W008",
        )
    ]
