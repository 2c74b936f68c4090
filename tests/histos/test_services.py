"""Histograms in the database: what was loaded comes back, once."""

from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from histos.models import LumisectionHistogram, RunHistogram
from histos.readers import READERS
from histos.records import Axis, Element, HistogramRecord
from histos.services import HistogramStore, binning_of, load_histos
from project.loading import BATCH_ROWS, batches
from project.models import FileProblem, SourceFile
from tests.histos.csv_files import HEADER, row, write
from tests.histos.loads import counts, load, table_sizes, values

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 4)


def test_what_was_loaded_comes_back_bin_for_bin(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    assert counts(load(path)) == (30, 0, 0, 0)
    for record in READERS["ml4dqm-csv"]().read(path):
        stored = LumisectionHistogram.objects.get(
            lumisection__run__number=record.run,
            lumisection__number=record.lumisection,
            element__name=record.element.name,
        )
        assert stored.counts.tolist() == record.counts.tolist()
        assert stored.entries == record.entries


def test_loading_again_stores_nothing_and_knows_all(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    load(path)
    before = table_sizes()
    assert counts(load(path)) == (0, 30, 0, 0)
    assert table_sizes() == before


def test_a_changed_bin_is_one_conflict_which_replace_settles(tmp_path: Path) -> None:
    load(write(tmp_path / "a.csv"))
    other = write(
        tmp_path / "b.csv", change=lambda number, line: line.replace('"[', '"[1') if number == 7 else line
    )
    before = values("element_1", 3)
    file = load(other)
    assert counts(file) == (0, 29, 1, 0)
    problem = file.problems.get()
    assert (problem.kind, problem.line) == ("conflict", 9)
    assert "run 1000 LS 3 element_1" in problem.reason
    assert values("element_1", 3) == before
    assert counts(load(other, policy="replace")) == (1, 29, 0, 0)
    assert values("element_1", 3) != before
    assert counts(load(other)) == (0, 30, 0, 0)


@pytest.mark.usefixtures("small_batches")
def test_a_file_is_summed_once(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.csv"), tmp_path / "b.csv"
    second.write_text(
        HEADER + row(1000, 1, "element_0", [1000, 0, 0, 0, 0, 0, 300]) + row(1000, 99, "new", [1, 2, 3])
    )
    load(first)
    before = values()
    assert counts(load(second)) == (1, 0, 1, 0)
    for expected in ((1, 1, 0, 0), (0, 2, 0, 0)):
        assert counts(load(second, policy="sum")) == expected
        assert values() == np.add(before, [1000, 0, 0, 0, 0, 0, 300]).tolist()
        assert values("new", 99) == [1, 2, 3]
    assert LumisectionHistogram.objects.get(element__name="element_0", lumisection__number=1).entries == sum(
        values()
    )


def test_equal_histograms_of_two_files_are_summed_too(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(
            HEADER + row(1, 1, "element_0", [200, 1, 2]) + ("" if name < "b" else "\n")
        )
        load(tmp_path / name, policy="sum")
    assert values() == [400, 2, 4]


def test_rows_that_repeat_a_key_are_listed_and_the_first_is_kept(tmp_path: Path, small_batches: None) -> None:
    path = tmp_path / "a.csv"
    rows = [row(1, ls, "element_0", [ls, 0, 0]) for ls in range(1, 7)]
    path.write_text(HEADER + "".join([rows[0], rows[0], *rows, row(1, 2, "element_0", [9, 9, 9])]))
    file = load(path)
    assert counts(file) == (6, 0, 0, 3)
    reasons = list(file.problems.order_by("line").values_list("line", "kind", "reason"))
    assert reasons[0] == (3, "duplicate", "duplicate of line 2")
    assert reasons[1] == (4, "duplicate", "duplicate of line 2")
    assert reasons[2][:2] == (10, "duplicate")
    assert "differs from an earlier row of this file" in reasons[2][2]
    assert values(lumisection=2) == [2, 0, 0]


def broken(number: int, line: str) -> str:
    """One row in a hundred, broken in one of ten ways."""
    if number % 100:
        return line
    head, _, tail = line.partition('"[')
    ways = (
        lambda: f'{head}"[1, 2]"{tail[tail.index("]") + 2 :]}',
        lambda: line.replace("]", ""),
        lambda: line.replace('"[', '"[-'),
        lambda: line.replace('"[', '"[NaN, '),
        lambda: line.replace(",3,", ",9,"),
        lambda: line.replace("10.0,0.0", "0.0,10.0"),
        lambda: "1," + line,
        lambda: line.replace("1000,", "run,"),
        lambda: line.replace('"[', '"[1.5.5, '),
        lambda: line.replace("element_0", "other", 1),
    )
    return ways[number // 100 % 10]()


def test_one_percent_of_broken_rows_leaves_the_other_99(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", n_lumisections=500, n_elements=4, change=broken)
    file = load(path)
    assert counts(file) == (1980, 0, 0, 20)
    listed = list(file.problems.order_by("line").values_list("line", "reason"))
    assert [line for line, _ in listed] == [2 + 100 * number for number in range(20)]
    assert len({reason.split(":")[0] for _, reason in listed}) >= 8


def test_queries_do_not_grow_with_the_batch(tmp_path: Path) -> None:
    queries = []
    load(write(tmp_path / "a.csv", 10), dataset="names that are known")
    for n_lumisections in (20, 500):
        path = write(tmp_path / f"{n_lumisections}.csv", n_lumisections)
        for _ in ("new", "known"):
            with CaptureQueriesContext(connection) as captured:
                load(path, dataset=f"of {n_lumisections}")
            queries.append(len(captured))
    assert queries[:2] == queries[2:]
    assert max(queries) <= 40


def test_histograms_of_a_run_go_to_their_own_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + row(1, 0, "element_0", [1, 2, 3]) + row(1, 1, "element_0", [1, 2, 3]))
    assert counts(load(path)) == (2, 0, 0, 0)
    assert (RunHistogram.objects.count(), LumisectionHistogram.objects.count()) == (1, 1)
    assert counts(load(path)) == (0, 2, 0, 0)


def record(line: int, element: Element, lumisection: int = 1) -> HistogramRecord:
    return HistogramRecord(line, 1, lumisection, element, 3.0, np.array([1, 1, 1]))


def test_an_element_that_cannot_be_stored_is_a_bad_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 1)
    axis = (Axis(0, 1, 1),)
    elements = [
        Element("x" * 256, axis),
        Element("", axis),
        Element("y", axis, "strange"),
        Element("good", axis),
    ]
    file = load(path, read=lambda: [record(line, element) for line, element in enumerate(elements, 1)])
    assert counts(file) == (1, 0, 0, 3)


def test_binning_is_the_same_for_whole_and_decimal_limits() -> None:
    assert binning_of(Element("a", (Axis(0, 10, 5),))) == binning_of(Element("a", (Axis(0.0, 10.0, 5),)))
    assert binning_of(Element("a", (Axis(0, 10, 5),))) != binning_of(Element("a", (Axis(0, 10, 6),)))


def test_profiles_are_not_summed(tmp_path: Path) -> None:
    element = Element("p", (Axis(0, 1, 1),), "mean")
    for number in (1, 2):
        path = write(tmp_path / f"{number}.csv", number)
        rows = [record(1, element)._replace(counts=np.array([number, 1, 1]))]
        file = load(path, policy="sum", read=lambda rows=rows: rows)
    assert counts(file) == (0, 0, 1, 0)
    assert values("p") == [1, 1, 1]


@pytest.mark.parametrize("name", ["", " x", "/" + "a" * 200 + "/Run-v1/DQMIO", "a\0b"])
def test_a_dataset_needs_a_name_that_fits(name: str) -> None:
    with pytest.raises(ValueError, match="dataset"):
        HistogramStore(name)


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(tmp_path: Path) -> None:
    load(write(tmp_path / "a.csv"))
    before, files = table_sizes(), SourceFile.objects.count()
    path = write(tmp_path / "b.csv", 12, change=lambda n, line: line.replace('"[', '"[1') if n == 7 else line)
    result = load_histos([path], "ml4dqm-csv", "ZB", dry_run=True)
    assert {name: result[name] for name in ("stored", "known", "conflicts", "rejected")} == {
        "stored": 6, "known": 29, "conflicts": 1, "rejected": 0,
    }  # fmt: skip
    assert table_sizes() == before
    assert SourceFile.objects.count() == files
    assert not FileProblem.objects.exists()


def test_memory_does_not_hold_the_rows_of_many_batches(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    rows = (record(line, Element("e", (Axis(0, 1, 1),)), line) for line in range(1, 3 * BATCH_ROWS))
    assert max(map(len, batches.batches(rows, HistogramStore("x")))) == BATCH_ROWS
    assert path.exists()
