"""What can be said of the code itself: no shell, no untrusted certificate, no waiting, nothing that rots."""

import ast
import importlib
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from project.sqlite3.kept import KEPT
from tests.conftest import ROOT

APPS = ("project", "runs", "lightcurves", "histos", "detections")
SOURCES = sorted(
    path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)
OPTIONAL = ("project.asgi", "project.wsgi")


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_no_command_line_is_made_of_text() -> None:
    """A shell command was put together from the parameters of a request."""
    for path in SOURCES:
        for name, call in calls(path):
            assert name not in ("os.system", "os.popen", "subprocess.getoutput", "eval", "exec"), path
            shell = [word for word in call.keywords if word.arg == "shell"]
            assert not shell, f"{path}:{call.lineno}"


def test_no_certificate_is_trusted_unseen() -> None:
    """Services were asked with ``verify=False``."""
    for path in SOURCES:
        text = path.read_text()
        for wrong in ("verify=False", "CERT_NONE", "_create_unverified_context", "check_hostname = False"):
            assert wrong not in text, path


def test_no_row_waits_for_the_clock() -> None:
    """0.1 s of sleep for every row made 10,000 of them take 18 minutes."""
    for path in SOURCES:
        if not {"readers", "loading"} & set(path.parts) and not path.stem.endswith(("store", "stores")):
            continue
        assert "sleep" not in {name.rpartition(".")[2] for name, _ in calls(path)}, path


def test_every_module_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module imported another that had been removed."""
    monkeypatch.setattr(KEPT, "most", 0)  # what the site sets when it is imported goes with this test
    for path in SOURCES:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not module.endswith("__main__"):
            importlib.import_module(module)


OURS = sorted(name for name, app in get_commands().items() if app in APPS)


@pytest.mark.parametrize("name", OURS)
def test_every_command_takes_its_own_example(name: str) -> None:
    """A command passed arguments on that nothing took: TypeError."""
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    parser.format_help()
    for line in getattr(command, "example", "").replace("\\\n", " ").splitlines():
        # A wildcard is an argument like another here: no shell looks for files.
        words = shlex.split(line, comments=True)
        if words[:1] == ["manage.py"]:
            assert words[1] == name
            parser.parse_args(words[2:])
