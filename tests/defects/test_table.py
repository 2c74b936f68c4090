"""The table of docs/defects.md: every promise in it names a test that is there."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

ROW = re.compile(
    r"^\| (?P<elsewhere>.+) \| (?P<here>.+) \| `(?P<file>tests/[\w/]+\.py)::(?P<test>test_\w+)` \|$"
)
HEAD = ("| elsewhere | here | test |", "|---|---|---|")


def rows() -> list[re.Match[str]]:
    lines = (ROOT / "docs" / "defects.md").read_text().splitlines()
    found = [(line, ROW.match(line)) for line in lines if line.startswith("|") and line not in HEAD]
    assert not [line for line, match in found if match is None]
    return [match for _, match in found if match]


@cache
def named_in(path: Path) -> frozenset[str]:
    return frozenset(
        node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
    )


def test_every_promise_names_a_test_that_is_there() -> None:
    found = rows()
    assert len(found) > 50
    gone = [
        f"{row['file']}::{row['test']}" for row in found if row["test"] not in named_in(ROOT / row["file"])
    ]
    assert not gone


def test_every_test_of_this_folder_is_in_the_table() -> None:
    """But those that look after the table itself."""
    named = {(row["file"], row["test"]) for row in rows()}
    for path in sorted((ROOT / "tests" / "defects").glob("test_*.py")):
        if path.name != Path(__file__).name:
            for name in named_in(path):
                told = (str(path.relative_to(ROOT)), name)
                assert not name.startswith("test_") or told in named, told
