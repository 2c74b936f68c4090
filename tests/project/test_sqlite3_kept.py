"""What a process of the site keeps of SQLite between two requests, and what it never does."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from project.sqlite3.base import DatabaseWrapper
from project.sqlite3.kept import KEPT

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
MANY = "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n"
WAL = {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": "PRAGMA journal_mode=WAL"}
Open = Callable[[], DatabaseWrapper]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "site.sqlite3"
    write(found, "CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (0), (1), (2)")
    return found


@pytest.fixture
def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Makes the connection of another request."""
    monkeypatch.setattr(KEPT, "most", 2)
    own = {**connection.settings_dict, "ENGINE": "project.sqlite3", "NAME": str(path), "OPTIONS": WAL}

    def one() -> DatabaseWrapper:
        made = DatabaseWrapper(own, "another")
        made.ensure_connection()
        return made

    yield one
    KEPT.take(None)  # which closes all that are kept


def write(path: Path, *statements: str) -> None:
    plain = sqlite3.connect(path)
    with plain:
        for statement in statements:
            plain.execute(statement)
    plain.close()


def numbers(one: DatabaseWrapper) -> list[int]:
    with one.cursor() as cursor:
        return [n for (n,) in cursor.execute("SELECT n FROM t ORDER BY n")]


def plain_of(one: DatabaseWrapper) -> Any:
    return one.connection


def test_the_next_request_has_the_open_file_and_sees_what_was_written_meanwhile(
    opened: Open, path: Path
) -> None:
    first = opened()
    assert numbers(first) == [0, 1, 2]
    plain = plain_of(first)
    first.close()
    write(path, "INSERT INTO t VALUES (7)")
    second = opened()
    assert plain_of(second) is plain
    assert plain_of(opened()) is not plain
    assert numbers(second) == [0, 1, 2, 7]


def test_what_was_read_half_holds_nobody_back(opened: Open, path: Path) -> None:
    write(path, MANY)
    first = opened()
    half = first.cursor()
    half.execute("SELECT n FROM t")
    half.fetchone()
    plain = plain_of(first)
    first.close()
    write(path, "DELETE FROM t")
    second = opened()
    assert plain_of(second) is plain
    assert numbers(second) == []
    busy, *_ = second.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy


def test_a_transaction_that_is_open_ends_with_its_request(opened: Open) -> None:
    first = opened()
    first.set_autocommit(False)
    first.cursor().execute("INSERT INTO t VALUES (9)")
    plain = plain_of(first)
    first.close()
    second = opened()
    assert plain_of(second) is not plain
    assert numbers(second) == [0, 1, 2]


def test_foreign_keys_hold_again(opened: Open) -> None:
    first = opened()
    first.disable_constraint_checking()
    plain = plain_of(first)
    first.close()
    second = opened()
    assert plain_of(second) is plain
    assert second.cursor().execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_what_is_set_for_one_request_is_not_for_the_next(opened: Open) -> None:
    first = opened()
    first.cursor().execute("PRAGMA query_only = ON")
    plain = plain_of(first)
    first.close()
    second = opened()
    assert plain_of(second) is plain
    second.cursor().execute("INSERT INTO t VALUES (5)")


@pytest.mark.parametrize("end", ["close_if_unusable_or_obsolete", "rollback"])
def test_what_failed_is_opened_anew(opened: Open, end: str) -> None:
    """Django forgets that it failed at the end of the request, and with a rollback."""
    first = opened()
    plain = plain_of(first)
    with pytest.raises(OperationalError):
        first.cursor().execute("SELECT * FROM nowhere")
    getattr(first, end)()
    first.close()
    assert plain_of(opened()) is not plain


def test_another_file_of_the_same_name_is_opened_anew(opened: Open, path: Path, tmp_path: Path) -> None:
    opened().close()
    other = tmp_path / "restored.sqlite3"
    shutil.copy(path, other)
    write(other, "INSERT INTO t VALUES (42)")
    for left in (f"{path}-wal", f"{path}-shm"):
        Path(left).unlink(missing_ok=True)
    other.replace(path)
    assert numbers(opened()) == [0, 1, 2, 42]


def test_no_more_are_kept_than_requests_are_in_work(opened: Open) -> None:
    three = [opened(), opened(), opened()]
    plain = [plain_of(one) for one in three]
    for one in three:
        one.close()
    assert [plain_of(opened()) in plain for _ in range(3)] == [True, True, False]


def test_commands_and_tests_keep_none() -> None:
    assert KEPT.most == 0
