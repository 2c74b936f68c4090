"""What the tests of runs share."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from runs.scores import SCORERS

Command = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Exit code and the JSON of the last line."""

    def command(*arguments: Any) -> tuple[int, dict[str, Any]]:
        code: Any = 0
        try:
            call_command(*map(str, arguments), "--json")
        except SystemExit as left:
            code = left.code
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return command


@pytest.fixture
def as_viewer(client: Client, viewer: Any) -> Iterator[None]:
    """A viewer at ``client``, on a site where nobody offers scores but the test."""
    client.force_login(viewer)
    offered, SCORERS[:] = SCORERS[:], []
    yield
    SCORERS[:] = offered
