"""``manage.py test`` is the pytest suite, ``shell_plus --notebook`` a Jupyter of today."""

import subprocess
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from project.management.commands.shell_plus import Command as ShellPlus
from project.management.commands.test import Command
from tests.conftest import ROOT

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("project", "tests/project"),
        ("project.test_jobs", "tests/project/test_jobs.py"),
        ("test_settings", "tests/test_settings.py"),
        ("tests/project", "tests/project"),
        ("tests/test_settings.py", "tests/test_settings.py"),
    ],
)
def test_it_finds_the_tests_of_a_label(label: str, path: str) -> None:
    assert Command.path(label) == ROOT / path


@pytest.mark.parametrize("label", ["nothing", "manage.py", "project.nothing", "../elsewhere"])
def test_it_says_what_a_label_may_be(label: str) -> None:
    with pytest.raises(CommandError, match=r"name an app, app\.test_module or a path"):
        Command.path(label)


def test_it_runs_pytest_and_ends_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def run(command: list[str], **_: Any) -> int:
        asked.append(command)
        return 3

    monkeypatch.setattr(subprocess, "call", run)
    with pytest.raises(SystemExit) as end:
        call_command(
            "test", "project", "-k", "jobs", "--failfast", "--keepdb", "--parallel", "2", verbosity=2
        )
    assert end.value.code == 3
    flags = ["-v", "-k", "jobs", "-x", "--reuse-db", "-n", "2"]
    assert asked == [[sys.executable, "-m", "pytest", *flags, str(ROOT / "tests/project")]]


def test_a_notebook_without_jupyter_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "notebook.app", None)
    said = ShellPlus().get_notebook({})
    assert isinstance(said, str)
    assert said.startswith("pip install -r requirements-notebook.txt")
