"""Files are read to their end, once, with progress that is true, however large they are and however often."""

import json
from pathlib import Path

import pytest

from histos.models import LumisectionHistogram
from project.loading import batches
from project.models import FileProblem, SourceFile
from runs.models import Certification, Run
from runs.services import load_certifications
from tests.histos.csv_files import HEADER, row, write
from tests.histos.loads import Killed, counts, killed_after, load

pytestmark = pytest.mark.django_db


def test_a_file_that_is_read_again_is_never_more_than_wholly_read(tmp_path: Path) -> None:
    """Reading a file a second time was shown as 200 %."""
    path = write(tmp_path / "a.csv")
    seen: list[float] = []
    for _ in range(3):
        file = load(path, progress=lambda file: seen.append(file.progress))
        assert file.progress == 1.0
        assert sum(counts(file)) == 30
    assert seen
    assert max(seen) <= 1.0
    assert LumisectionHistogram.objects.count() == 30


@pytest.mark.parametrize("rows", [1, 64, 1000])
def test_a_file_is_read_to_its_end_whatever_the_size_of_a_batch(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of N batches stopped after the first, whatever N."""
    monkeypatch.setattr(batches, "BATCH_ROWS", rows)
    path = write(tmp_path / "a.csv", n_lumisections=100, n_elements=2)
    read: list[int] = []
    file = load(path, progress=lambda file: read.append(file.position))
    assert counts(file) == (200, 0, 0, 0)
    assert len(read) >= 200 // rows


def test_a_load_that_broke_in_the_middle_of_a_batch_goes_on_with_the_next_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where to go on was computed from rows ÷ 50, so that after a part of a batch rows were lost or read twice."""
    monkeypatch.setattr(batches, "BATCH_ROWS", 7)
    path = write(tmp_path / "a.csv", n_lumisections=101, n_elements=3)
    with pytest.raises(Killed):
        load(path, progress=killed_after(2))
    monkeypatch.setattr(batches, "BATCH_ROWS", 50)
    load(path)
    assert LumisectionHistogram.objects.count() == 303
    assert SourceFile.objects.get().state == "complete"


def test_one_file_may_hold_several_runs(tmp_path: Path) -> None:
    """A file of several runs was counted under its first."""
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "".join(row(run, ls, "charge", [0, 1, 0]) for run in (7, 3, 5) for ls in (2, 1)))
    load(path)
    found = LumisectionHistogram.objects.order_by("lumisection__run__number", "lumisection__number")
    expected = [(run, ls) for run in (3, 5, 7) for ls in (1, 2)]
    assert list(found.values_list("lumisection__run__number", "lumisection__number")) == expected


def test_all_certifications_of_a_file_are_loaded_and_not_the_first_200(tmp_path: Path) -> None:
    """Only ``df[:200]`` of the flags per lumisection were kept."""
    path = tmp_path / "Cert.json"
    path.write_text(json.dumps({str(run): [[1, 5], [7, 9]] for run in range(300_000, 300_250)}))
    load_certifications([path], "golden-json")
    assert Certification.objects.count() == 500
    assert Run.objects.count() == 250


def test_rows_that_cannot_be_read_are_told_with_their_line(tmp_path: Path) -> None:
    """A thread that died in silence left a file half read, and nobody was told."""
    path = write(tmp_path / "a.csv", change=lambda n, line: line.replace("[", "[x", 1) if n == 4 else line)
    file = load(path)
    assert counts(file) == (29, 0, 0, 1)
    problem = FileProblem.objects.get(file=file)
    assert problem.line == 6
    assert problem.reason
