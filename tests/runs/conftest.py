"""What the tests of runs share."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

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
