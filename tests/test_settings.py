"""Settings come from the environment or a ``.env``; a wrong one refuses to start, in one line."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT, manage

pytestmark = pytest.mark.sqlite_only
SETTINGS = ROOT / "project" / "settings.py"
SHOW = ("shell", "--no-imports", "-c")


def shown(expression: str, **environment: str) -> str:
    done = manage(
        *SHOW,
        f"from django.conf import settings as s; import sys; sys.stdout.write(str({expression}))",
        **environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DJANGO_DEBUG", "maybe", "DJANGO_DEBUG='maybe' is neither true nor false"),
        ("LUMISIFT_PUBLIC_READ", "2", "LUMISIFT_PUBLIC_READ='2' is neither true nor false"),
        (
            "DJANGO_DATABASE_ENGINE",
            "django.db.backends.oracle",
            "database engine 'django.db.backends.oracle'",
        ),
        (
            "DJANGO_DATABASE_ENGINE",
            "postgres",
            "use django.db.backends.sqlite3 or django.db.backends.postgresql",
        ),
        ("DATABASE_URL", "mysql://here/there", "database engine 'django.db.backends.mysql'"),
        ("DATABASE_URL", "postgres://here:port/there", "DATABASE_URL"),
        ("DJANGO_DATABASE_PORT", "54x32", "DJANGO_DATABASE_PORT='54x32'"),
        ("LUMISIFT_LEASE_SECONDS", "1", "LUMISIFT_LEASE_SECONDS='1' is not a whole number of at least 2"),
        ("LUMISIFT_MAX_ATTEMPTS", "three", "LUMISIFT_MAX_ATTEMPTS='three' is not a whole number"),
        ("LUMISIFT_WORKERS", "-1", "LUMISIFT_WORKERS='-1' is not a whole number"),
        (
            "LUMISIFT_OMS_URL",
            "cmsoms.cern.ch",
            "LUMISIFT_OMS_URL='cmsoms.cern.ch' is not the address of a service",
        ),
        ("LUMISIFT_OMS_URL", "https://a:b@cmsoms.cern.ch/", "is not the address of a service"),
        ("LUMISIFT_OMS_URL", "https://cmsoms.cern.ch:x/", "is not the address of a service"),
        ("LUMISIFT_RUNREGISTRY_URL", "file:///etc/passwd", "is not the address of a service"),
        ("LUMISIFT_OMS_TOKEN", "two words", "LUMISIFT_OMS_TOKEN holds characters that no token has"),
        (
            "LUMISIFT_SSO_CLIENT_ID",
            "me",
            "LUMISIFT_SSO_CLIENT_ID and LUMISIFT_SSO_CLIENT_SECRET are only of use together",
        ),
        ("LUMISIFT_FETCH_TRIES", "0", "LUMISIFT_FETCH_TRIES='0' is not a whole number of at least 1"),
        ("LUMISIFT_FETCH_CA_FILE", "nowhere.pem", "LUMISIFT_FETCH_CA_FILE='nowhere.pem' is not a file"),
        (
            "LUMISIFT_EXTRA_DETECTORS",
            "nowhere.Detector",
            "LUMISIFT_EXTRA_DETECTORS: cannot import 'nowhere.Detector'",
        ),
    ],
)
def test_it_refuses_a_wrong_value_in_one_line(name: str, value: str, says: str) -> None:
    done = manage("check", **{name: value})
    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_secret_is_never_sent_nor_shown_in_the_open() -> None:
    done = manage("check", LUMISIFT_OMS_URL="http://cmsoms.cms/agg/api/v1", LUMISIFT_OMS_TOKEN="very-secret")
    assert done.returncode == 1
    assert "would send credentials in the open: use https" in done.stderr
    assert "very-secret" not in done.stderr
    assert (
        shown("s.LUMISIFT_OMS_URL", LUMISIFT_OMS_URL="http://cmsoms.cms/agg/api/v1/")
        == "http://cmsoms.cms/agg/api/v1"
    )


@pytest.mark.parametrize(
    ("value", "means"), [("1", True), ("Yes", True), ("on", True), ("FALSE", False), ("", False)]
)
def test_it_takes_the_usual_words_for_yes_and_no(value: str, means: bool) -> None:
    assert shown("s.DEBUG", DJANGO_DEBUG=value) == str(means)


def test_it_reads_an_env_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "DJANGO_DATABASE_ENGINE=django.db.backends.sqlite3\n"
        f"DJANGO_DATABASE_NAME={tmp_path / 'mine.sqlite3'}\n"
        "DJANGO_DEBUG=True\n"
        "DJANGO_SECRET_KEY=from-the-file\n"
    )
    seen = shown("[s.DEBUG, s.DATABASES['default']['NAME']]", LUMISIFT_ENV_FILE=str(env_file))
    assert seen == str([True, str(tmp_path / "mine.sqlite3")])


def test_the_environment_goes_before_the_env_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("DJANGO_DEBUG=True\n")
    assert shown("s.DEBUG", LUMISIFT_ENV_FILE=str(env_file), DJANGO_DEBUG="False") == "False"


def test_it_migrates_and_makes_a_user_as_a_newcomer_would(tmp_path: Path) -> None:
    environment = {
        "DJANGO_DATABASE_NAME": str(tmp_path / "new.sqlite3"),
        "DJANGO_SUPERUSER_PASSWORD": "a-long-one",
    }
    assert manage("migrate", "--verbosity", "0", **environment).returncode == 0
    made = manage(
        "createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.org", **environment
    )
    assert made.returncode == 0, made.stderr


def test_it_reads_a_postgresql_url() -> None:
    seen = shown(
        "[s.DATABASES['default'][k] for k in ('ENGINE', 'NAME', 'HOST', 'PORT')]",
        DATABASE_URL="postgresql://ada:secret@db.example.org:5433/lumisift",
    )
    assert seen == "['django.db.backends.postgresql', 'lumisift', 'db.example.org', 5433]"


def test_sqlite_waits_and_writes_ahead() -> None:
    options = shown("s.DATABASES['default']['OPTIONS']")
    assert "journal_mode=WAL" in options
    assert "'timeout': 30" in options
    assert "'transaction_mode': 'IMMEDIATE'" in options


def test_the_example_lists_every_variable() -> None:
    read = set(re.findall(r'"((?:DJANGO|LUMISIFT|DATABASE)_[A-Z_]+[A-Z])"', SETTINGS.read_text()))
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read <= listed


def test_the_example_changes_nothing() -> None:
    values = [
        line[1:] for line in (ROOT / ".env.example").read_text().splitlines() if re.match(r"#[A-Z_]+=.", line)
    ]
    given = dict(line.split("=", 1) for line in values if not line.startswith("DATABASE_URL"))
    shows = "[s.DEBUG, s.DATABASES, s.ALLOWED_HOSTS, s.LUMISIFT_PUBLIC_READ, s.LUMISIFT_LEASE_SECONDS]"
    assert shown(shows, **given) == shown(shows)
