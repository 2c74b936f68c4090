"""What every test may use. The database is the one DATABASE_URL names, or SQLite in a temporary file."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import connection

from tests.sharing import (  # noqa: F401  hooks
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_xdist_make_scheduler,
)

# How long an example takes says nothing on a machine that others use too; claims about speed are rows of bench/.
hypothesis.settings.register_profile("lumisift", deadline=None)
hypothesis.settings.load_profile("lumisift")
ROOT = Path(site.BASE_DIR)
CONNECTION = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
LEFT_OUT = ("DJANGO_", "LUMISIFT_", "DATABASE_URL", "PYTEST", "PYTHONDONTWRITEBYTECODE")
"""Settings of ours; and the wish, a container's, to keep no bytecode: every process would compile the site again."""


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> None:
    """Passwords that cost nothing to hash; no heartbeat, which would wait for the test's transaction."""
    site.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    site.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    site.LUMISIFT_LEASE_SECONDS = 600
    site.LUMISIFT_DASK_SCHEDULER = ""
    site.LUMISIFT_PUBLIC_READ = False


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """SQLite in a file, as on a site: processes and threads can meet there, and cannot in memory."""
    if connection.vendor == "sqlite":
        name = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        connection.settings_dict["TEST"]["NAME"] = name


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files, which is too large to carry along."""
    folder = os.environ.get("LUMISIFT_REAL_DATA", "")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA names no folder of real files")
    if not Path(folder).is_dir():
        pytest.fail(f"LUMISIFT_REAL_DATA={folder} is not a folder")
    return Path(folder)


@pytest.fixture
def member(db: None) -> Callable[..., Any]:
    """Makes a user with a role: ``member("expert")``; without one, somebody who merely has an account."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    def make(role: str = "", **fields: Any) -> Any:
        name = role or "nobody"
        user = get_user_model().objects.create_user(name, f"{name}@example.org", "secret", **fields)
        if role:
            user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user

    return make


@pytest.fixture
def viewer(member: Callable[..., Any]) -> Any:
    return member("viewer")


@pytest.fixture
def shifter(member: Callable[..., Any]) -> Any:
    return member("shifter")


@pytest.fixture
def expert(member: Callable[..., Any]) -> Any:
    return member("expert")


@pytest.fixture
def admin(member: Callable[..., Any]) -> Any:
    return member("admin", is_staff=True, is_superuser=True)


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment of this process without any setting of ours, plus ``extra``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    return {**kept, "LUMISIFT_ENV_FILE": os.devnull, "DJANGO_SECRET_KEY": "for-tests-" * 6, **extra}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``manage.py`` as somebody would call it, in a process of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=clean_environment(**environment), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def site_environment(transactional_db: None) -> dict[str, str]:
    """Environment with which another process uses the database of this test."""
    config = connection.settings_dict
    values = {name: str(config.get(name) or "") for name in CONNECTION}
    values["HOST"] = values["HOST"] or str(config["OPTIONS"].get("host", ""))
    return {f"DJANGO_DATABASE_{name}": value for name, value in values.items() if value}
