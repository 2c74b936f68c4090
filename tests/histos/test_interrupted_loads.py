"""Loads that are refused, killed, cancelled or in each other's way: never half a file, and nothing lost."""

import gzip
from pathlib import Path

import pytest

from histos.models import Dataset, LumisectionHistogram, MonitoringElement
from project.errors import Cancelled
from project.loading import Load, LoadError, batches, removal
from project.loading import load as loading
from project.models import SourceFile
from runs import ensure
from runs.models import Lumisection, Run
from runs.records import LumisectionRecord, RunRecord
from runs.services import RunStore
from tests.histos.csv_files import write
from tests.histos.loads import Killed, counts, killed_after, load, table_sizes

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 4)


def test_too_many_bad_rows_refuse_the_file_and_leave_nothing(tmp_path: Path, small_batches: None) -> None:
    path = write(
        tmp_path / "a.csv", 200, 2, change=lambda n, line: line.replace("]", "") if n > 100 else line
    )
    with pytest.raises(
        LoadError, match=r"a\.csv: 1\d\d of the first \d+ rows are bad, the first: line 103: "
    ):
        load(path)
    assert set(table_sizes().values()) == {0}
    assert SourceFile.objects.get().state == "refused"


def test_another_format_stores_nothing_and_says_so_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('{"316187": [[1, 20]]}\n')
    with pytest.raises(LoadError, match=r"^a\.csv: [^\n]+$"):
        load(path)
    assert set(table_sizes().values()) == {0}


@pytest.mark.usefixtures("small_batches")
def test_a_truncated_gzip_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    packed = gzip.compress(write(tmp_path / "a.csv", 600, bins=300).read_bytes())
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed[: len(packed) * 2 // 3])
    seen = []
    with pytest.raises(LoadError, match=r"a\.csv\.gz: damaged gzip"):
        load(path, progress=lambda file: seen.append(file.stored))
    assert max(seen) > 0
    assert set(table_sizes().values()) == {0}


@pytest.mark.usefixtures("small_batches")
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")

    def append(file: SourceFile) -> None:
        with path.open("a") as stream:
            stream.write("\n")

    with pytest.raises(LoadError, match="was changed while it was read"):
        load(path, progress=append)
    assert set(table_sizes().values()) == {0}


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"^no\.csv: No such file or directory$"):
        load(tmp_path / "no.csv")


@pytest.mark.usefixtures("small_batches")
def test_a_killed_load_is_invisible_and_goes_on_where_it_was(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    with pytest.raises(Killed):
        load(path, progress=killed_after(3))
    assert LumisectionHistogram.objects.count() == 12
    assert not any(
        model.objects.visible().exists()
        for model in (LumisectionHistogram, Lumisection, Run, MonitoringElement, Dataset)
    )
    read = []
    file = load(path, progress=lambda file: read.append(file.position))
    assert read[0] == 16
    assert counts(file) == (30, 0, 0, 0)
    assert LumisectionHistogram.objects.visible().count() == 30
    assert SourceFile.objects.count() == 1


@pytest.mark.usefixtures("small_batches")
def test_killed_while_rows_are_removed_the_next_load_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.csv")
    monkeypatch.setattr(removal, "REMOVE_ROWS", 5)
    with monkeypatch.context() as patch:
        patch.setattr(removal, "_remove_rows", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            load(path, progress=lambda file: path.touch() if file.position > 20 else None)
    assert counts(load(path)) == (30, 0, 0, 0)
    assert LumisectionHistogram.objects.visible().count() == 30
    assert sorted(SourceFile.objects.values_list("state", flat=True)) == ["complete", "refused"]


@pytest.mark.usefixtures("small_batches")
def test_a_dead_load_makes_way_for_another_file_with_the_same_rows(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", 20)
    with pytest.raises(Killed):
        load(first, progress=killed_after(6))
    second = write(tmp_path / "b.csv", 10)
    assert counts(load(second)) == (30, 0, 0, 0)
    assert LumisectionHistogram.objects.visible().count() == 30
    assert counts(load(first)) == (30, 30, 0, 0)
    assert Lumisection.objects.visible().count() == 20


@pytest.mark.usefixtures("small_batches")
def test_a_living_load_of_the_same_rows_is_not_disturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write(tmp_path / "a.csv", 20), write(tmp_path / "b.csv", 10)
    with pytest.raises(Killed):
        load(first, progress=killed_after(6))
    monkeypatch.setattr("project.jobs.holder.is_alive", lambda *_: True)
    with pytest.raises(LoadError, match=r"b\.csv: a\.csv is loading the same rows now"):
        load(second)
    with pytest.raises(LoadError, match=r"a\.csv: is being loaded by another process"):
        load(first)
    assert LumisectionHistogram.objects.count() == 24


def test_a_load_that_was_taken_over_stops_without_undoing_anything(
    tmp_path: Path, small_batches: None
) -> None:
    path = write(tmp_path / "a.csv")

    def taken_over(file: SourceFile) -> None:
        SourceFile.objects.filter(pk=file.pk).update(holder="elsewhere:1:1")

    with pytest.raises(LoadError, match="another process took the load over"):
        load(path, progress=taken_over)
    assert LumisectionHistogram.objects.count() == 4


@pytest.mark.usefixtures("small_batches")
def test_what_two_loads_need_outlives_the_one_that_is_refused(tmp_path: Path) -> None:
    refused, needed = write(tmp_path / "a.csv"), write(tmp_path / "b.csv", 5, 2)
    other = []

    def meanwhile(file: SourceFile) -> None:
        if not other:
            other.append(load(needed, dataset="another"))
        elif len(other) == 1:
            other.append(refused.write_text("changed"))

    with pytest.raises(LoadError):
        load(refused, progress=meanwhile)
    assert LumisectionHistogram.objects.visible().count() == 10
    assert list(Dataset.objects.values_list("name", flat=True)) == ["another"]
    assert Run.objects.visible().count() == 1


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("named", ["monitoring elements", "runs", "lumisections"])
def test_no_histogram_is_left_of_what_was_removed_since_it_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """No constraint of the database would notice it."""
    with pytest.raises(Killed):
        load(write(tmp_path / "a.csv", 20), progress=killed_after(6))
    dead, ask = SourceFile.objects.get(), ensure.incomplete
    asked = iter(("monitoring elements", "runs", "lumisections"))

    def refused_meanwhile(files: set[int]) -> set[int]:
        if next(asked) == named:
            removal.refuse(dead, "its load died")
        return ask(files)

    monkeypatch.setattr(ensure, "incomplete", refused_meanwhile)
    with pytest.raises(LoadError, match=f"named the same {named} was refused meanwhile; load it again"):
        load(write(tmp_path / "b.csv", 5), dataset="another")
    assert not LumisectionHistogram.objects.visible().exists()


def test_a_cancelled_load_leaves_nothing(tmp_path: Path) -> None:

    def cancel(file: SourceFile) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        load(write(tmp_path / "a.csv"), progress=cancel)
    assert set(table_sizes().values()) == {0}


@pytest.mark.usefixtures("small_batches")
def test_histograms_that_come_before_their_runs_leave_room_for_what_is_known_of_them(tmp_path: Path) -> None:
    """A file of runs is loading while histograms take over its rows; then it is refused, or complete."""
    path = write(tmp_path / "a.csv", 4, 1)
    records = [
        RunRecord(1, 1000, fill_number=7),
        *(LumisectionRecord(n, 1000, n, pileup=30.0) for n in (1, 2, 3, 4, 5)),
    ]
    for policy in ("refused", "complete"):
        oms = tmp_path / f"{policy}.json"
        oms.write_text(policy)

        def meanwhile(file: SourceFile, policy: str = policy, oms: Path = oms) -> None:
            if file.position == 4:
                load(path, dataset=policy)
                assert Run.objects.visible().get().fill_number is None
                assert not Lumisection.objects.visible().exclude(pileup=None).exists()
                if policy == "refused":
                    oms.write_text("changed")

        oms_load = Load(oms, "oms", lambda: iter(records), RunStore(), progress=meanwhile)
        if policy == "refused":
            with pytest.raises(LoadError):
                oms_load.run()
            assert Run.objects.get().fill_number is None
            assert set(Lumisection.objects.values_list("pileup", flat=True)) == {None}
        else:
            oms_load.run()
            assert Run.objects.visible().get().fill_number == 7
            assert list(Lumisection.objects.visible().values_list("pileup", flat=True)) == [30.0] * 5


def test_too_many_means_one_in_ten_of_many() -> None:
    assert not loading.too_many(100, 100)
    assert loading.too_many(101, 1000)
    assert not loading.too_many(200, 10_000)
