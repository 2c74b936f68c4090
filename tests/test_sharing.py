"""The suite runs each of its tests, also where processes share it out."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.sharing import long_files_first, refuse_shared_names

pytestmark = pytest.mark.sqlite_only


def item(name: str, *marks: str) -> Any:
    return SimpleNamespace(nodeid=name, get_closest_marker=lambda mark: mark if mark in marks else None)


def test_the_long_files_come_first_and_made_up_requests_last() -> None:
    names = ["tests/a.py::one", "tests/test_schemathesis.py::x[GET]", "tests/b.py::one", "tests/b.py::two"]
    items = [*map(item, names), item("tests/c.py::one"), item("tests/c.py::long", "slow")]
    long_files_first(items)
    assert [one.nodeid for one in items] == [
        "tests/c.py::one", "tests/c.py::long", "tests/b.py::one", "tests/b.py::two", "tests/a.py::one",
        "tests/test_schemathesis.py::x[GET]",
    ]  # fmt: skip


def test_two_tests_with_one_name_stop_the_run() -> None:
    refuse_shared_names([item("a::b[1]"), item("a::b[2]")])
    with pytest.raises(pytest.UsageError, match=r"several tests are called a::b\[1\]"):
        refuse_shared_names([item("a::b[1]"), item("a::b[2]"), item("a::b[1]")])
