"""The house keeps its plan: who may import whom, and what a migration needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, clean_environment, manage

pytestmark = pytest.mark.sqlite_only
HEAVY = ("sklearn", "scipy", "pandas", "pyarrow", "astropy", "pyod", "numba", "dask", "matplotlib")
WITHOUT_DJANGO = (
    "project.samples", "project.records", "project.vectors", "histos.readers", "histos.injections", "runs.readers",
    "lightcurves.surveys", "lightcurves.features", "lightcurves.injections", "detections.detectors",
    "detections.metrics", "detections.comparison",
)  # fmt: skip


def python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=clean_environment(**environment), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_keeps_the_import_rules() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, env=clean_environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


def test_it_has_a_migration_for_every_change_of_a_model() -> None:
    done = manage("makemigrations", "--check", "--dry-run", DJANGO_DATABASE_NAME=":memory:")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_passes_the_system_checks() -> None:
    done = manage("check", "--fail-level", "WARNING", DJANGO_DATABASE_NAME=":memory:")
    assert done.returncode == 0, done.stderr


def test_it_migrates_without_a_heavy_library() -> None:
    code = (
        "import sys, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'project.settings'\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
        f"sys.stdout.write(' '.join(name for name in {HEAVY} if name in sys.modules))"
    )
    assert python(code, DJANGO_DATABASE_NAME=":memory:") == ""


def test_it_answers_the_first_page_without_a_heavy_library() -> None:
    code = (
        "import sys, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'project.settings'\n"
        "from project.asgi import application\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        f"sys.stdout.write(' '.join(name for name in {HEAVY} if name in sys.modules))"
    )
    assert python(code, DJANGO_DATABASE_NAME=":memory:") == ""


@pytest.mark.parametrize("module", WITHOUT_DJANGO)
def test_it_does_science_without_django_and_without_a_heavy_library(module: str) -> None:
    code = f"import sys, {module}\nsys.stdout.write(' '.join(n for n in {('django', *HEAVY)} if n in sys.modules))"
    assert python(code) == ""
