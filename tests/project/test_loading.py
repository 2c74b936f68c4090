"""Loading as such, into the simplest table there is."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from project import bulk
from project.errors import UserError
from project.loading import (
    Load,
    LoadError,
    Outcome,
    Row,
    batches,
    insert_or_compare,
    ledger,
    make_reader,
    removal,
)
from project.loading.rows import Unfinished
from project.models import SourceFile
from project.records import BadRow, ReaderError
from runs.models import Run

pytestmark = pytest.mark.django_db


class Record(NamedTuple):
    line: int
    number: int
    era: str = ""


class Store:
    tables = (Run,)

    def prepare(self, record: Record) -> Row:
        if record.number < 0:
            raise ValueError("a negative number")
        return Row(record.line, (record.number,), (record.era,), 10)

    def forget(self) -> None: ...

    def write(self, rows: list[Row], file: SourceFile) -> Outcome:
        def insert(rows: list[Row]) -> None:
            fields = ("number", "era", "experiment", "simulated", "file", "attributes")
            none = bulk.jsonb("{}")
            bulk.insert(Run, fields, [(*row.key, *row.values, "X", False, file.pk, none) for row in rows])

        return insert_or_compare(rows, insert, self.existing, file)

    @staticmethod
    def existing(rows: list[Row]) -> dict[tuple, tuple[int | None, tuple]]:
        there = Run.objects.filter(number__in=[row.key[0] for row in rows])
        return {
            (number,): (file_id, (era,))
            for number, file_id, era in there.values_list("number", "file_id", "era")
        }

    def settle(self, rows: list[Row], file: SourceFile, policy: str) -> int:
        settled = 0
        for row in rows:
            stored = Run.objects.get(number=row.key[0])
            if stored.file_id != file.pk:
                era = stored.era + row.values[0] if policy == "sum" else row.values[0]
                settled += Run.objects.filter(pk=stored.pk).update(era=era, file=file)
        return settled


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 3)
    monkeypatch.setattr(removal, "REMOVE_ROWS", 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("a")
    return path


def load(path: Path, records: Iterable[Any], **fields: Any) -> SourceFile:
    return Load(path, "test", fields.pop("read", lambda: iter(records)), Store(), **fields).run()


def eras() -> dict[int, str]:
    return dict(Run.objects.values_list("number", "era"))


def counts(file: SourceFile) -> tuple[int, int, int, int]:
    return file.stored, file.known, file.conflicts, file.rejected


RECORDS = [Record(line, line) for line in range(1, 11)]


def test_counts_are_those_of_the_row(path: Path) -> None:
    file = load(path, [*RECORDS, BadRow(11, "broken"), Record(12, -1), Record(13, 3), Record(14, 4, "x")])
    assert counts(file) == (10, 0, 0, 4)
    stored = SourceFile.objects.get()
    assert counts(stored) == counts(file)
    assert (stored.state, stored.position, stored.holder, stored.lease_until) == ("complete", 14, "", None)
    assert list(file.problems.order_by("line").values_list("line", "kind", "reason")) == [
        (11, "rejected", "broken"),
        (12, "rejected", "a negative number"),
        (13, "duplicate", "duplicate of an earlier row of this file"),
        (14, "duplicate", "4 differs from an earlier row of this file, which was kept"),
    ]


def test_conflicts_twice_in_one_file_are_settled_once(path: Path, tmp_path: Path) -> None:
    load(path, RECORDS)
    (tmp_path / "b").write_text("b")
    records = [Record(1, 5, "first"), Record(2, 6), Record(3, 7), Record(4, 5, "second")]
    assert counts(load(tmp_path / "b", records)) == (0, 2, 2, 0)
    file = load(tmp_path / "b", records, policy="replace")
    assert counts(file) == (1, 2, 1, 0)
    assert file.problems.get().line == 4
    assert eras()[5] == "first"


def test_a_file_that_conflicted_is_summed_where_it_conflicted_only(path: Path, tmp_path: Path) -> None:
    load(path, RECORDS[:1])
    (tmp_path / "b").write_text("b")
    records = [Record(1, 1, "b"), Record(2, 2, "b")]
    assert counts(load(tmp_path / "b", records)) == (1, 0, 1, 0)
    Run.objects.filter(number=2).update(era="b and more", file=None)
    assert counts(load(tmp_path / "b", records, policy="sum")) == (1, 0, 1, 0)
    assert eras() == {1: "b", 2: "b and more"}


@pytest.mark.parametrize("error", [ReaderError("a.txt: damaged"), OSError(5, "Input/output error")])
def test_a_file_that_cannot_be_read_to_its_end_leaves_nothing(path: Path, error: Exception) -> None:
    def read() -> Iterator[Record]:
        yield from RECORDS
        raise error

    with pytest.raises(LoadError, match=r"^a\.txt: (damaged|Input/output error)$"):
        load(path, (), read=read)
    assert not Run.objects.exists()
    file = SourceFile.objects.get()
    assert (file.state, counts(file), file.holder) == ("refused", (0, 0, 0, 0), "")


def test_text_in_another_encoding_is_one_line(path: Path) -> None:
    def read() -> Iterator[str]:
        yield b"\xff".decode()

    with pytest.raises(LoadError, match=r"^a\.txt: not UTF-8 text \("):
        load(path, (), read=read)


def test_a_fault_of_ours_is_resumed_not_undone(path: Path) -> None:
    def read() -> Iterator[Record]:
        yield from RECORDS[:6]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        load(path, (), read=read)
    assert Run.objects.count() == 6
    assert not Run.objects.visible().exists()
    assert counts(load(path, RECORDS)) == (10, 0, 0, 0)


def test_an_error_in_the_last_transaction_undoes_all(path: Path, tmp_path: Path) -> None:
    load(path, RECORDS)
    (tmp_path / "b").write_text("b")
    reads = []

    def read() -> Iterator[Record]:
        reads.append(1)
        yield from [Record(1, 1, "x"), Record(2, 99)]
        if len(reads) == 2:
            raise ReaderError("b: damaged")

    with pytest.raises(LoadError, match="b: damaged"):
        load(tmp_path / "b", (), read=read, policy="replace")
    assert (eras()[1], Run.objects.count()) == ("", 10)


def test_options_make_another_load(path: Path) -> None:
    load(path, RECORDS)
    load(path, RECORDS, options={"other": True})
    assert len(set(SourceFile.objects.values_list("identity", flat=True))) == 2


def test_two_processes_that_begin_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one makes its row after we looked and before we make ours."""
    ours = Load(path, "test", lambda: iter(RECORDS), Store())
    theirs = {"name": "a.txt", "holder": "elsewhere:1:1", "lease_until": ledger.lease()}
    SourceFile.objects.create(identity=ours.identity, **theirs)
    take_over = ledger._take_over
    looks = []

    def look(identity: str) -> SourceFile | None:
        looks.append(identity)
        return take_over(identity) if len(looks) > 1 else None

    monkeypatch.setattr(ledger, "_take_over", look)
    with pytest.raises(LoadError, match="is being loaded by another process"):
        ours.run()
    assert not Run.objects.exists()


def test_a_broken_constraint_that_is_no_key_is_raised() -> None:
    def insert(rows: list[Row]) -> None:
        raise IntegrityError

    with pytest.raises(IntegrityError):
        insert_or_compare([Row(1, (1,), ())], insert, lambda _: {}, SourceFile(pk=1))


@pytest.mark.parametrize("state", ["loading", "refused"])
def test_what_a_load_that_did_not_complete_wrote_is_not_known(state: str) -> None:
    """Refused since the row was seen, it has removed the row, or is about to."""
    other = SourceFile.objects.create(name="a", identity="a", state=state)

    def insert(rows: list[Row]) -> None:
        raise IntegrityError

    with pytest.raises(Unfinished) as unfinished:
        insert_or_compare([Row(1, (1,), ())], insert, lambda _: {(1,): (other.pk, ())}, SourceFile(pk=0))
    assert unfinished.value.file_ids == {other.pk}


def test_who_lost_a_load_to_another_process_does_not_undo_it(path: Path) -> None:
    def taken_over(file: SourceFile) -> None:
        SourceFile.objects.update(holder="elsewhere:1:1")
        raise OSError("the disk is gone")

    with pytest.raises(
        LoadError, match=r"another process took the load over; here it failed: .*the disk is gone"
    ):
        load(path, [Record(1, 1)], progress=taken_over)
    file = SourceFile.objects.get()
    assert (file.state, file.error, Run.objects.count()) == ("loading", "", 1)


def test_nothing_is_added_to_a_load_that_is_being_undone(path: Path) -> None:
    def undone(file: SourceFile) -> None:
        SourceFile.objects.update(error="it began to be removed")

    with pytest.raises(LoadError, match="another process took the load over"):
        load(path, [Record(1, 1)], progress=undone)
    assert SourceFile.objects.get().state == "loading"


def test_a_batch_costs_the_same_queries_whatever_it_brings(path: Path) -> None:
    def queries(n: int) -> int:
        path.write_text(str(n))
        with CaptureQueriesContext(connection) as captured:
            load(path, [Record(line, n * 100 + line) for line in range(1, n + 1)])
        return len(captured)

    one, two, three = queries(3), queries(6), queries(9)
    assert two - one == three - two <= 6


def test_readers_by_name() -> None:
    class Reader:
        def __init__(self, *, wide: bool = False) -> None:
            if wide:
                raise ValueError("too wide")

    assert isinstance(make_reader({"a": Reader}, "a"), Reader)
    for name, options, error in (
        ("b", {}, "no reader is called 'b'; there are: a$"),
        ("a", {"deep": 1}, "reader a does not take deep"),
        ("a", {"wide": True}, "reader a: too wide"),
    ):
        with pytest.raises(UserError, match=error):
            make_reader({"a": Reader}, name, options)
