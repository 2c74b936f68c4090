"""The contract of every survey: its sample is named after it in tests/data/lightcurves, options beside it."""

import gzip
import json
import subprocess
import sys
from dataclasses import fields
from math import isfinite
from pathlib import Path

import numpy as np
import pytest

from lightcurves.records import LightCurveRecord, SourceRecord
from lightcurves.surveys import SURVEYS
from lightcurves.times import plausible
from project.records import BadRow, ReaderError

DATA = Path(__file__).parents[1] / "data" / "lightcurves"
EVERY = pytest.mark.parametrize("name", SURVEYS)


def survey_and_sample(name):
    (sample,) = [path for path in DATA.glob(f"{name}.*") if path.suffix != ".json"]
    options = DATA / f"{name}.options.json"
    texts = json.loads(options.read_text()) if options.exists() else {}
    return SURVEYS[name].from_options(texts), sample


def plain(record):
    """A record as something that can be compared, NaN equal to NaN."""
    return repr([part.tolist() if isinstance(part, np.ndarray) else part for part in record])


@EVERY
def test_it_says_what_it_is(name):
    survey, _ = survey_and_sample(name)
    assert survey.name == name
    assert survey.summary
    assert survey.yields in ("light curves", "sources")
    assert all(SURVEYS[name].options().values())
    assert set(SURVEYS[name].options()) == {item.name for item in fields(survey)}
    assert bool(survey.time_note) == (survey.yields == "light curves") == (survey.times is not None)


@EVERY
def test_its_sample_is_small(name):
    assert survey_and_sample(name)[1].stat().st_size <= 20_000


@EVERY
def test_it_yields_records_of_its_kind_and_the_same_ones_twice(name):
    survey, sample = survey_and_sample(name)
    records = list(survey.read(sample))
    kind = LightCurveRecord if survey.yields == "light curves" else SourceRecord
    assert records
    assert all(isinstance(record, kind) for record in records)
    assert list(map(plain, records)) == list(map(plain, survey.read(sample)))


@EVERY
def test_light_curves_are_sorted_finite_and_in_declared_bands(name):
    survey, sample = survey_and_sample(name)
    for curve in survey.read(sample):
        if isinstance(curve, LightCurveRecord):
            assert (np.diff(curve.time) >= 0).all()
            assert plausible(curve.time).all()
            assert np.isfinite(curve.value).all()
            assert ((curve.error > 0) | np.isnan(curve.error)).all()
            assert curve.flag.dtype == np.uint32
            assert {array.dtype for array in (curve.time, curve.value, curve.error)} == {np.dtype(float)}
            assert not survey.bands or curve.band in survey.bands
            assert curve.unit
            assert curve.source


@EVERY
def test_sources_have_sound_positions_and_attributes(name):
    survey, sample = survey_and_sample(name)
    for record in survey.read(sample):
        assert (record.ra is None) == (record.dec is None)
        assert record.ra is None or (0 <= record.ra < 360 and -90 <= record.dec <= 90)
        if isinstance(record, SourceRecord):
            assert record.name
            assert record.mag is None or isfinite(record.mag)
            assert all(
                isinstance(value, str | int) or isfinite(value) for value in record.attributes.values()
            )
            json.dumps(record.attributes, allow_nan=False)


@EVERY
@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xff\xfe\x00\x01 not text", b"a,b\n1,2\n", b"PK\x03\x04"]
)
def test_a_file_of_another_kind_is_refused_by_name(name, content, tmp_path):
    survey, sample = survey_and_sample(name)
    wrong = tmp_path / f"wrong{sample.suffix}"
    wrong.write_bytes(content)
    with pytest.raises(ReaderError, match=r"^wrong\.") as refusal:
        list(survey.read(wrong))
    assert "\n" not in str(refusal.value)


@EVERY
def test_a_missing_file_is_refused(name, tmp_path):
    survey, sample = survey_and_sample(name)
    with pytest.raises(ReaderError, match="absent"):
        list(survey.read(tmp_path / f"absent{sample.suffix}"))


@EVERY
def test_a_ragged_row_is_reported_and_stops_nothing(name, tmp_path):
    survey, sample = survey_and_sample(name)
    lines = sample.read_text().splitlines()
    broken = tmp_path / sample.name
    broken.write_text("\n".join([*lines, "ragged", lines[-1].replace(lines[-1][:3], "new")]) + "\n")
    bad = [record for record in survey.read(broken) if isinstance(record, BadRow)]
    assert bad[0].line == len(lines) + 1
    assert "expected" in bad[0].reason


@EVERY
def test_a_truncated_archive_is_refused(name, tmp_path):
    survey, sample = survey_and_sample(name)
    if name == "macho":
        pytest.skip("its archives are tar files, tested with them")
    cut = tmp_path / f"{sample.name}.gz"
    cut.write_bytes(gzip.compress(sample.read_bytes() * 50)[:-20])
    with pytest.raises(ReaderError, match="cannot be read to its end"):
        list(survey.read(cut))


@EVERY
def test_unknown_options_are_named(name):
    with pytest.raises(ValueError, match="no option nonsense"):
        SURVEYS[name].from_options({"nonsense": "1"})


def test_importing_them_loads_neither_django_nor_anything_heavy():
    heavy = ("django", "pandas", "pyarrow", "astropy", "erfa", "scipy", "feets")
    code = f"import sys, lightcurves.surveys, lightcurves.features; print(*(set({heavy}) & set(sys.modules)))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
