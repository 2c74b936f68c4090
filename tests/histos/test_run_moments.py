"""Run-level CSV and the moments that are stored of it."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from histos.models import RunMoments
from histos.readers.dataset_names import dataset_of
from histos.readers.run_csv import RunCsv, element_of
from histos.services import load_histos
from project.records import BadRow, Passed, ReaderError
from runs.models import Run

SAMPLE = Path(__file__).parent.parent / "data" / "histos" / "run-csv.csv"
HEADER = ",run,pd,path,title,entries,mean,rms,skewness,kurtosis\n"
PLACE = "DQMData/Run 315257/Tracking/Run summary/TrackParameters/generalTracks/GeneralProperties/Chi2_GenTk;1"
ROW = f"0,315257,ZeroBias,{PLACE},Chi2_GenTk,34430387,18.862586,66.964365,0.046712,-2.909550\n"


@pytest.fixture
def read(tmp_path):
    def read(text, **options):
        path = tmp_path / "run.csv"
        path.write_text(text)
        reader = RunCsv()
        reader.dataset = options.get("dataset", "")
        return list(reader.read(path))

    return read


def test_the_whole_path_is_kept_and_the_element_is_the_same_in_every_run(read):
    (record,) = read(HEADER + ROW)
    assert record.path == PLACE
    assert record.name == "Tracking/TrackParameters/generalTracks/GeneralProperties/Chi2_GenTk"
    assert record[4:] == (34430387, 18.862586, 66.964365, 0.046712, -2.909550)


@pytest.mark.parametrize(
    ("path", "title", "element"),
    [
        ("Tracking/Chi2", "Chi2", "Tracking/Chi2"),
        ("TrackParameters/generalTracks", "Chi2_GenTk", "TrackParameters/generalTracks/Chi2_GenTk"),
        ("/eos/DQMData/Run 1/Pixel/Run summary/a/b;2", "b", "Pixel/a/b"),
        ("a;1", "", "a"),
    ],
)
def test_elements_end_in_their_title(path, title, element):
    assert element_of(path, title) == element


def test_moments_that_are_not_known_are_none(read):
    (record,) = read(
        HEADER + ROW.replace("0.046712", "nan").replace("66.964365", "").replace("-2.909550", "-inf")
    )
    assert (record.rms, record.skewness, record.kurtosis) == (None, None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("315257,Zero", "31.5,Zero"), "run is '31.5', expected a whole number from 1"),
        (("34430387", "-1"), "entries are '-1'"),
        (("18.862586", "many"), "mean is not a number: 'many'"),
        ((PLACE, ""), "path is '': expected 1 to 512 printable characters"),
        ((",-2.909550", ""), "9 columns, expected at least 10"),
    ],
)
def test_a_wrong_row_is_reported_with_its_line(read, change, reason):
    first, bad = read(HEADER + ROW + ROW.replace(*change))
    assert first.line == 2
    assert bad == BadRow(3, reason)


def test_rows_of_another_primary_dataset_are_passed_over_and_told(read):
    items = read(HEADER + ROW + ROW.replace("ZeroBias", "JetHT"), dataset="/ZeroBias/UL2018/DQM")
    assert items[1] == Passed(0, "1 rows are of JetHT: load them with a --dataset of JetHT")


def test_another_csv_is_refused(read):
    with pytest.raises(ReaderError, match="not a CSV of run-level moments, missing column pd, path"):
        read("run,title\n")


@given(st.text())
def test_any_text_is_records_problems_or_one_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_text(HEADER + text, encoding="utf-8", errors="replace")
    with suppress(ReaderError):
        for item in RunCsv().read(path):
            assert item.line >= 2 or isinstance(item, Passed)


@pytest.mark.django_db
def test_moments_are_stored_once_per_run_dataset_and_path():
    result = load_histos([SAMPLE], "run-csv", "ZeroBias")
    assert (result["stored"], RunMoments.objects.count(), Run.objects.count()) == (4, 4, 2)
    row = RunMoments.objects.get(run__number=315257, element__endswith="Chi2_GenTk")
    assert row.path == PLACE
    assert (row.entries, row.mean) == (16835386, 18.096544)


@pytest.mark.django_db
def test_importing_the_same_run_level_file_again_is_known_and_no_error():
    load_histos([SAMPLE], "run-csv", "ZeroBias")
    again = load_histos([SAMPLE], "run-csv", "ZeroBias")
    assert (again["stored"], again["known"], again["conflicts"], again["refused"]) == (0, 4, 0, 0)


@pytest.mark.django_db
def test_other_moments_conflict_until_they_are_to_replace(tmp_path):
    load_histos([SAMPLE], "run-csv", "ZeroBias")
    path = tmp_path / "other.csv"
    path.write_text(SAMPLE.read_text().replace("16835386", "5"))
    assert load_histos([path], "run-csv", "ZeroBias")["conflicts"] == 1
    assert load_histos([path], "run-csv", "ZeroBias", policy="replace")["conflicts"] == 0
    assert RunMoments.objects.filter(entries=5).count() == 1


@pytest.mark.django_db
def test_the_same_path_of_another_dataset_is_another_row():
    load_histos([SAMPLE], "run-csv", "/ZeroBias/UL2018/DQM")
    assert load_histos([SAMPLE], "run-csv", "/ZeroBias/ReReco/DQM")["stored"] == 4


@pytest.mark.parametrize(
    ("path", "dataset"),
    [
        ("ZeroBias_2018A_DataFrame_1D_2.csv", "ZeroBias"),
        ("ZeroBias_315257_UL2018.csv", "ZeroBias"),
        (
            "ZeroBias-Run2023C-PromptReco-v1-DQMIO-PixelPhase1-Tracks.root",
            "/ZeroBias/Run2023C-PromptReco-v1/DQMIO",
        ),
        ("DQM_V0001_R000315257__ZeroBias__Run2018A-UL__DQMIO.root", "/ZeroBias/Run2018A-UL/DQMIO"),
        (
            "/eos/store/data/Run2024B/ZeroBias/DQMIO/PromptReco-v1/000/378/985/00000/0b1e.root",
            "/ZeroBias/Run2024B-PromptReco-v1/DQMIO",
        ),
        ("nano.root", ""),
    ],
)
def test_names_of_files_tell_the_dataset(path, dataset):
    assert dataset_of(Path(path)) == dataset
