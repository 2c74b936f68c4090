"""load_histos as somebody types it: counts, one-line errors, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from histos.models import LumisectionHistogram
from histos.readers import READERS
from project.models import Job, SourceFile
from tests.histos.csv_files import write

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code and the JSON of the last line."""

    def run(*arguments: Any, reader: str = "ml4dqm-csv") -> tuple[int, dict[str, Any]]:
        code: Any = 0
        options = ("--reader", reader, "--dataset", "ZeroBias", "--json")
        try:
            call_command("load_histos", *map(str, arguments), *options)
        except SystemExit as left:
            code = left.code
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in ("stored", "known", "conflicts", "rejected", "files", "refused"))


def test_it_stores_then_knows_then_settles(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    code, result = run(path)
    assert (code, counts(result)) == (0, (30, 0, 0, 0, 1, 0))
    assert result["seconds"] > 0
    assert run(path)[1]["known"] == 30
    other = write(tmp_path / "b.csv", change=lambda n, line: line.replace('"[', '"[1') if n == 7 else line)
    for extra, expected in (
        (("--dry-run",), (1, (0, 29, 1, 0, 1, 0))),
        ((), (1, (0, 29, 1, 0, 1, 0))),
        (("--replace",), (0, (1, 29, 0, 0, 1, 0))),
        ((), (0, (0, 30, 0, 0, 1, 0))),
    ):
        code, result = run(other, *extra)
        assert (code, counts(result)) == expected


def test_a_dry_run_writes_nothing(run: Run, tmp_path: Path) -> None:
    code, result = run(write(tmp_path / "a.csv"), "--dry-run")
    assert (code, counts(result), result["dry_run"]) == (0, (30, 0, 0, 0, 1, 0), True)
    assert not LumisectionHistogram.objects.exists()
    assert not SourceFile.objects.exists()


def test_a_refused_file_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.csv", write(tmp_path / "good.csv")
    bad.write_text("one,two\n1,2\n")
    code, result = run(bad, good, tmp_path / "none.csv")
    assert (code, counts(result)) == (1, (30, 0, 0, 0, 1, 2))
    assert result["refusals"][0].startswith("bad.csv: not an ML4DQM CSV, missing column")
    assert result["refusals"][1] == "none.csv: No such file or directory"


def test_broken_rows_are_listed_and_how_to_see_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", change=lambda n, line: line if n % 5 else line.replace("]", ""))
    arguments = ("load_histos", str(path), "--reader", "ml4dqm-csv", "--dataset", "ZB", "--problems", "2")
    with pytest.raises(SystemExit) as left:
        call_command(*arguments)
    lines = capsys.readouterr().out.splitlines()
    assert left.value.code == 1
    assert lines[0].startswith("a.csv, line 2: rejected: ")
    assert lines[2] == "… and 4 more: --problems 6 lists them all"
    assert lines[3].startswith("stored 24, known 0, conflicts 0, rejected 6, files 1, refused 0, seconds ")
    assert SourceFile.objects.get().problems.count() == 6


def test_an_unknown_reader_is_told_which_there_are(run: Run, tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=rf"^no reader is called 'csv'; there are: {', '.join(sorted(READERS))}$"
    ):
        run(write(tmp_path / "a.csv"), reader="csv")


def test_a_dataset_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^a dataset needs a name"):
        call_command("load_histos", str(tmp_path / "a.csv"), "--reader", "ml4dqm-csv", "--dataset", " ")


def test_replace_and_sum_exclude_each_other(run: Run, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        run(write(tmp_path / "a.csv"), "--replace", "--sum")


def test_weighted_histograms_say_so(run: Run, tmp_path: Path) -> None:
    assert run(write(tmp_path / "a.csv"), "--weighted")[0] == 0
    assert set(LumisectionHistogram.objects.values_list("element__storage", flat=True)) == {"double"}


def test_it_leaves_a_job(run: Run, tmp_path: Path) -> None:
    run(write(tmp_path / "a.csv"))
    job = Job.objects.get()
    assert (job.state, job.title, job.task) == ("succeeded", "load a.csv", "histos.tasks.load_histos")
    assert job.result["stored"] == 30


def test_the_real_files(run: Run, real_data: Path) -> None:
    plain, maps = real_data / "cms/hist1d", real_data / "cms/hist2d"
    for stored, known in ((9, 0), (0, 9)):
        assert counts(run(*plain.glob("*.csv"))[1]) == (stored, known, 0, 0, 1, 0)
    assert counts(run(*maps.glob("*.csv.gz"))[1]) == (32, 0, 0, 0, 1, 0)
