"""The table survey: columns, units, times, hostile rows, and files larger than memory."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightcurves.records import LightCurveRecord
from lightcurves.surveys import rows
from lightcurves.surveys.table import TableSurvey
from project.records import BadRow, ReaderError

COLUMNS = {"id": "id", "time": "time", "value": "value", "error": "error", "band": "band", "flag": "flag"}
HEADER = "id,time,value,error,band,flag"


def survey(**options):
    return TableSurvey(**{**COLUMNS, "unit": "uJy", **options})


def write(path, *lines, header=HEADER):
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def read(path, **options):
    records = list(survey(**options).read(path))
    curves = {(r.source, r.band): r for r in records if isinstance(r, LightCurveRecord)}
    return curves, {r.line: r.reason for r in records if isinstance(r, BadRow)}


HOSTILE = {
    "ragged": ("a,59001,1,1,g", "5 columns, expected 6"),
    "too wide": ("a,59001,1,1,g,0,0", "7 columns"),
    "no name": (" ,59001,1,1,g,0", "id is empty"),
    "long name": (f"{'a' * 999},59001,1,1,g,0", "longer"),
    "no time": ("a,,1,1,g,0", "time is missing"),
    "text for a time": ("a,tomorrow,1,1,g,0", "'tomorrow', not a number"),
    "time of another system": ("a,2459001.5,1,1,g,0", "not from 1900 to 2100"),
    "infinite time": ("a,inf,1,1,g,0", "time is missing or not finite"),
    "no value": ("a,59001,nan,1,g,0", "value is missing"),
    "infinite value": ("a,59001,-inf,1,g,0", "value is missing or not finite"),
    "text for a value": ("a,59001,bright,1,g,0", "'bright', not a number"),
    "text for an error": ("a,59001,1,small,g,0", "'small', not a number"),
    "half a flag": ("a,59001,1,1,g,0.5", "not a whole number"),
    "negative flag": ("a,59001,1,1,g,-1", "not a whole number"),
    "open quote": ('"a,59001,1,1,g,0', "1 columns, expected 6"),
    "NUL": ("a\0b,59001,1,1,g,0", "NUL"),
}


@pytest.mark.parametrize(("line", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_row_is_listed_with_its_line_and_stops_nothing(line, reason, tmp_path):
    good = [f"a,{59000 + day},1,1,g,0" for day in (0, 2, 3)]
    curves, bad = read(write(tmp_path / "t.csv", good[0], line, *good[1:]))
    assert list(bad) == [3]
    assert reason in bad[3]
    np.testing.assert_array_equal(curves["a", "g"].time, [59000, 59002, 59003])


@pytest.mark.parametrize("error", ["0", "-1", "inf", "nan", ""])
def test_an_error_that_cannot_be_is_unknown_and_its_epoch_kept(error, tmp_path):
    curves, bad = read(write(tmp_path / "t.csv", f"a,59000,1,{error},g,0"))
    assert not bad
    assert np.isnan(curves["a", "g"].error).all()


def test_a_file_of_bad_rows_only_gives_no_curve(tmp_path):
    curves, problems = read(write(tmp_path / "bad.csv", "a,59001,bright,1,g,0", "b,59002,dim,1,g,0"))
    assert not curves
    assert set(problems) == {2, 3}


def test_a_repeated_row_is_rejected_and_another_value_at_the_same_time_kept(tmp_path):
    lines = ("a,59000,1,1,g,0", "a,59000,2,1,g,0", "a,59000,1,1,g,0", "a,59000,1,,g,0", "a,59000,1,,g,0")
    curves, bad = read(write(tmp_path / "t.csv", *lines))
    assert bad == {
        4: "duplicate epoch: the same as line 2",
        6: "duplicate epoch: the same as line 5",
    }
    assert len(curves["a", "g"].time) == 3


def test_a_julian_date_stated_as_modified_is_refused_with_the_likely_mistake(tmp_path):
    path = write(tmp_path / "t.csv", "a,2459000.5,1,1,g,0", "a,2459001.5,1,1,g,0")
    with pytest.raises(ReaderError, match=r"t\.csv, line 2: .*Julian date: time_system=jd"):
        read(path)
    curves, _ = read(path, time_system="jd")
    np.testing.assert_array_equal(curves["a", "g"].time, [59000, 59001])


def test_a_missing_column_is_named_beside_those_present(tmp_path):
    path = write(tmp_path / "t.csv", "a,59000,1,1,g,0")
    with pytest.raises(ReaderError, match="no column 'mjd'; present: id, time, value"):
        read(path, time="mjd")
    twice = write(tmp_path / "t.csv", "1,2,3", header="time,value,time")
    with pytest.raises(ReaderError, match="'time' appears 2 times"):
        list(TableSurvey(unit="mag").read(twice))


@pytest.mark.parametrize(
    "wrong",
    [
        {"unit": ""},
        {"ra": "ra"},
        {"ra_unit": "turns"},
        {"time_system": "x"},
        {"unit": "Jy", "zero_point": 1.0},
    ],
)
def test_options_that_cannot_be_are_refused_at_once(wrong):
    with pytest.raises(ValueError, match=r"unit|belong|turns|time system|zero point"):
        survey(**wrong)


def test_positions_are_averaged_across_zero_and_undo_heliocentric_times(tmp_path):
    header = f"{HEADER},ra,dec"
    lines = ("a,2459000.5,1,1,g,0,359.9,10", "a,2459001.5,1,1,r,0,0.1,10", "a,2459002.5,1,1,r,0,,")
    path = write(tmp_path / "t.csv", *lines, header=header)
    curves, bad = read(path, ra="ra", dec="dec", time_system="hjd")
    assert curves["a", "g"].ra == pytest.approx(0, abs=1e-9)
    assert curves["a", "g"].ra == curves["a", "r"].ra
    assert 0 < abs(curves["a", "g"].time[0] - 59000) < 8.4 / 1440
    assert list(bad) == [4]


def test_one_source_per_file_is_called_after_the_file(tmp_path):
    path = tmp_path / "star7.dat.gz"
    path.write_bytes(gzip.compress(b"# t  m\n 59000  1.5\n 59001   2.5  \n"))
    (curve,) = TableSurvey(time="t", value="m", unit="mag", sep="space", band_name="V").read(path)
    assert (curve.source, curve.band, curve.unit, curve.line) == ("star7", "V", "mag", 2)
    np.testing.assert_array_equal(curve.value, [1.5, 2.5])


def test_iso_and_quoted_and_byte_order_mark(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f'{HEADER}\r\n"a, b",2020-05-31T00:00:00Z,"1",1,g,0\r\n', encoding="utf-8-sig")
    curves, bad = read(path, time_system="iso")
    assert not bad
    assert curves["a, b", "g"].time[0] == 59000


def test_parquet_gives_the_same_as_csv(tmp_path):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    lines = ("7,59001,1.5,0.5,g,2", "7,59000,2.5,nan,g,0", "8,59000,nan,1,g,0")
    expected, _ = read(write(tmp_path / "t.csv", *lines))
    columns = dict(
        zip(HEADER.split(","), zip(*(line.split(",") for line in lines), strict=True), strict=True)
    )
    typed = {name: pa.array([float(cell) for cell in columns[name]]) for name in ("time", "value", "error")}
    typed |= {name: pa.array([int(cell) for cell in columns[name]]) for name in ("id", "flag")}
    typed |= {"band": pa.array(columns["band"]).dictionary_encode()}
    pq.write_table(pa.table(typed), tmp_path / "t.parquet")
    curves, bad = read(tmp_path / "t.parquet")
    assert list(bad) == [3]
    assert repr(curves["7", "g"]._replace(line=2)) == repr(expected["7", "g"])
    (tmp_path / "t.parquet").write_bytes(b"PAR1 not at all PAR1")
    with pytest.raises(ReaderError, match="no sound Parquet"):
        read(tmp_path / "t.parquet")


EPOCHS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "ç", "long name of a star", "7"]),
        st.integers(0, 40).map(lambda step: 59000 + step / 8),
        st.floats(-1e6, 1e6),
        st.sampled_from(["g", "r", ""]),
    ),
    max_size=60,
    unique=True,
)


@given(epochs=EPOCHS, seed=st.integers(0, 9))
def test_order_chunks_and_memory_change_nothing(epochs, seed, tmp_path_factory):
    """Whatever is written comes back, grouped and sorted; on disk as in memory, shuffled or not."""
    path = tmp_path_factory.mktemp("epochs") / "t.csv"
    lines = [f"{source},{time!r},{value!r},1,{band},0" for source, time, value, band in epochs]
    curves, bad = read(write(path, *lines))
    back = {(s, t, v, b) for (s, b), c in curves.items() for t, v in zip(c.time, c.value, strict=True)}
    assert not bad
    assert back == {(s, t, v, b) for s, t, v, b in epochs}
    chunked = pytest.MonkeyPatch()
    with chunked.context() as patch:
        patch.setattr(rows, "CHUNK_ROWS", 7)
        assert list(map(repr, survey(memory=300).read(path))) == list(map(repr, survey().read(path)))
    np.random.default_rng(seed).shuffle(lines)
    shuffled, _ = read(write(path, *lines), memory=0)
    assert list(shuffled) == list(curves)
    for key, curve in curves.items():
        np.testing.assert_array_equal(shuffled[key].time, curve.time)
        np.testing.assert_array_equal(shuffled[key].value, curve.value)


def test_temporary_files_go_when_reading_stops_early(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spill"))
    (tmp_path / "spill").mkdir()
    path = write(tmp_path / "t.csv", *(f"star{i},59000,1,1,g,0" for i in range(50)))
    records = survey(memory=0).read(path)
    next(records)
    assert list((tmp_path / "spill").iterdir())
    records.close()
    assert not list((tmp_path / "spill").iterdir())
