"""Readers of runs and certifications: a contract for every one, then each format by name."""

import json
import os
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.records import BadRow, ReaderError
from runs.masks import merge_ranges
from runs.readers import READERS
from runs.readers.certification_json import DcsJson, GoldenJson, MlJson, MuonJson
from runs.readers.oms_columnar import LUMINOSITY_UNITS, OmsColumnar
from runs.records import CertificationRecord, FillRecord, LumisectionRecord, RunRecord

DATA = Path(__file__).parent.parent / "data" / "runs"
RECORDS = (FillRecord, RunRecord, LumisectionRecord, CertificationRecord)


@pytest.fixture
def read(tmp_path):
    """Read a document with a reader; anything but bytes and text is written as JSON."""

    def read(reader, content, name="file.json"):
        path = tmp_path / name
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(reader.read(path))

    return read


# The contract of every reader


@pytest.fixture(params=READERS.values(), ids=lambda reader: reader.name)
def reader(request):
    return request.param()


@pytest.fixture
def sample(reader):
    (path,) = DATA.glob(f"{reader.name}.*")
    return path


def test_reader_is_registered_under_its_name(reader):
    assert READERS[reader.name] is type(reader)
    assert reader.summary


def test_sample_has_records_only(reader, sample):
    records = list(reader.read(sample))
    assert records
    assert all(isinstance(record, RECORDS) for record in records)


def test_reading_twice_gives_the_same(reader, sample):
    assert list(reader.read(sample)) == list(reader.read(sample))


def test_byte_order_mark_changes_nothing(reader, sample, read):
    assert read(reader, b"\xef\xbb\xbf" + sample.read_bytes(), sample.name) == list(reader.read(sample))


OF_OBJECTS = (OmsColumnar, GoldenJson, DcsJson, MuonJson, MlJson)


@pytest.fixture(params=OF_OBJECTS, ids=lambda reader: reader.name)
def of_objects(request):
    """A reader of files that are one JSON object."""
    return request.param()


NO_DATA = (b"", b"\n ", b"\0\1\2", b"\xff\xfe", b"<html>\n</html>", b"[" * 100_000, b"[1, 2]")


@pytest.mark.parametrize("content", NO_DATA)
def test_no_reader_takes_a_file_of_another_kind(reader, read, content):
    with pytest.raises(ReaderError, match=r"^file\.json: .") as refusal:
        read(reader, content)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"\n ", "empty file"),
        (b"\0\1\2", "not JSON: "),
        (b"\xff\xfe", "not JSON: "),
        (b"<html>\n</html>", "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b"[1, 2]", "JSON, but not an object of names and values"),
        (b'"text"', "JSON, but not an object of names and values"),
    ],
)
def test_another_kind_of_file_is_a_reader_error_in_one_line(of_objects, read, content, reason):
    with pytest.raises(ReaderError, match=f"^file.json: {reason}") as refusal:
        read(of_objects, content)
    assert "\n" not in str(refusal.value)


def test_truncated_file_is_a_reader_error_with_its_place(reader, sample, read):
    if sample.suffix == ".csv":
        return  # its last line is: see the readers of tables
    with pytest.raises(ReaderError, match=r"^file\.json: not JSON: .+ line \d+ column \d+"):
        read(reader, sample.read_bytes()[:-10])


def test_missing_file_is_a_reader_error(reader, tmp_path):
    with pytest.raises(ReaderError, match=r"^nowhere: cannot be read: No such file"):
        list(reader.read(tmp_path / "nowhere"))


# OMS columns


def columns(**changes) -> dict:
    """Three lumisections of run 1; a change of None takes the column away."""
    table = {
        "delivered_lumi_per_lumisection": [0.4, 0.2, -1e-9],
        "recorded_lumi_per_lumisection": [0.3, 0.1, -2e-10],
        "pileup": [50.0, 49.0, 0],
        "bpix_ready": [True, False, None],
        "prescale_name": ["2b", "2b", ""],
        "fill_number": [7, 7, 7],
        "run_number": [1, 1, 1],
        "lumisection_number": [1, 2, 3],
    }
    return {name: values for name, values in (table | changes).items() if values is not None}


def test_run_comes_before_its_lumisections(read):
    run, first, second, third = read(OmsColumnar(), columns(), "omsdata_Run2024A-v1.json")
    assert run == RunRecord(1, 1, fill_number=7, era="2024A", recorded_luminosity=0.4 - 2e-10)
    flags = {"bpix_ready": False, "prescale_name": "2b", "fill_number": 7}
    assert second == LumisectionRecord(2, 1, 2, None, 0.2, 0.1, 49.0, flags)
    assert third.recorded_luminosity == -2e-10
    assert third.flags["bpix_ready"] is None
    assert first.number == 1


def test_runs_may_be_interleaved(read):
    records = read(OmsColumnar(), columns(run_number=[2, 1, 2], lumisection_number=[1, 1, 2]))
    assert [(type(record).__name__[0], record.number) for record in records] == [
        ("R", 2), ("L", 1), ("L", 2), ("R", 1), ("L", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("unit", "factor"), LUMINOSITY_UNITS.items())
def test_luminosity_is_stored_in_inverse_picobarn(read, unit, factor):
    run, first, *_ = read(OmsColumnar(luminosity_unit=unit), columns())
    assert first.delivered_luminosity == 0.4 * factor
    assert run.recorded_luminosity == pytest.approx(0.4 * factor)
    assert first.pileup == 50


def test_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="luminosity_unit is 'pb', expected one of /fb, /pb, /nb, /ub"):
        OmsColumnar(luminosity_unit="pb")


def test_era_may_be_given(read):
    assert read(OmsColumnar(era="2024Z"), columns(), "Run2024A.json")[0].era == "2024Z"
    assert read(OmsColumnar(), columns(), "table.json")[0].era == ""


def test_a_run_has_the_fill_in_which_most_was_recorded(read):
    assert read(OmsColumnar(), columns(fill_number=[7, 8, 8]))[0].fill_number == 7
    assert read(OmsColumnar(), columns(fill_number=[8, None, 7]))[0].fill_number == 8
    assert read(OmsColumnar(), columns(fill_number=None))[0].fill_number is None


def test_only_run_and_lumisection_are_needed(read):
    run, first = read(OmsColumnar(), {"run_number": [1], "lumisection_number": [4]})
    assert run == RunRecord(1, 1)
    assert first == LumisectionRecord(1, 1, 4, flags={})


def test_null_and_nan_are_unknown(read):
    text = json.dumps(columns(pileup=[None, float("nan"), 3]))
    assert "NaN" in text
    assert [record.pileup for record in read(OmsColumnar(), text)[1:]] == [None, None, 3.0]
    nothing = columns(recorded_lumi_per_lumisection=[None] * 3)
    assert read(OmsColumnar(), nothing)[0].recorded_luminosity is None


def test_start_times_are_utc(read):
    times = ["2024-03-08T12:00:00Z", "2024-03-08T13:00:23+01:00", "2024-03-08T12:00:46"]
    records = read(OmsColumnar(), columns(start_time=times))[1:]
    assert [record.start_time for record in records] == [
        datetime(2024, 3, 8, 12, 0, second, tzinfo=UTC) for second in (0, 23, 46)
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"run_number": [1, "1", 1]}, "run_number is not a whole number: '1'"),
        ({"run_number": [1, None, 1]}, "run_number is not a whole number: None"),
        ({"run_number": [1, True, 1]}, "run_number is not a whole number: True"),
        ({"run_number": [1, -4, 1]}, "run_number is -4, expected 1 to 2147483647"),
        ({"lumisection_number": [1, 2.5, 3]}, "run 1: lumisection_number is not a whole number: 2.5"),
        ({"lumisection_number": [1, 0, 3]}, "run 1: lumisection_number is 0, expected 1 to 2147483647"),
        ({"lumisection_number": [1, 1, 3]}, "run 1: lumisection 1 is there twice"),
        ({"fill_number": [7, "7", 7]}, "run 1: fill_number is not a whole number: '7'"),
        ({"pileup": [1, "high", 1]}, "run 1: pileup is not a number: 'high'"),
        ({"pileup": [1, True, 1]}, "run 1: pileup is not a number: True"),
        ({"start_time": [None, "noon", None]}, "run 1: start_time is not a time: 'noon'"),
        ({"start_time": [None, 12, None]}, "run 1: start_time is not a time: 12"),
    ],
)
def test_bad_place_is_reported_and_stops_nothing(read, change, reason):
    records = read(OmsColumnar(), columns(**change))
    assert [record for record in records if isinstance(record, BadRow)] == [BadRow(2, reason)]
    assert [record.number for record in records if isinstance(record, LumisectionRecord)] == [1, 3]
    (run,) = (record for record in records if isinstance(record, RunRecord))
    assert run.recorded_luminosity == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"run_number": None}, "missing column run_number$"),
        ({"run_number": None, "lumisection_number": None}, "missing column run_number, lumisection_number$"),
        ({"pileup": 3}, "column pileup is not a list$"),
        (
            {"pileup": [1], "bpix_ready": [1, 2]},
            r"columns of unequal length: run_number \(3\) and pileup \(1\), bpix_ready \(2\)$",
        ),
        ({"run_number": None, "data": [{"id": "1_1"}]}, r"an answer of the OMS API \(JSON:API\)"),
    ],
)
def test_table_that_is_no_table(read, change, reason):
    with pytest.raises(ReaderError, match=rf"^file\.json: {reason}"):
        read(OmsColumnar(), columns(**change))


def test_file_too_large_to_parse_at_once(read):
    with pytest.raises(ReaderError, match=r"^file\.json: \d+ bytes, more than 99 that are read at once$"):
        read(OmsColumnar(max_bytes=99), columns())


# Certification JSON


def test_ranges_become_records(read):
    text = '{"316187": [[1, 1091], [1093, 1100]],\n "316190": [[7, 7]]}'
    assert read(GoldenJson(), text) == [
        CertificationRecord(1, 316187, 1, 1091, "golden", "GOOD"),
        CertificationRecord(1, 316187, 1093, 1100, "golden", "GOOD"),
        CertificationRecord(2, 316190, 7, 7, "golden", "GOOD"),
    ]
    assert {record.flag for record in read(DcsJson(), text, "dcs.txt")} == {"dcs-only"}


def test_minus_one_is_the_whole_run(read):
    (record,) = read(GoldenJson(), {"1": [[5, 9], [-1]]})
    assert (record.first, record.last) == (1, None)


def test_run_without_ranges_certifies_nothing(read):
    assert read(GoldenJson(), {"1": []}) == []
    assert read(GoldenJson(), {}) == []


def test_run_named_twice_keeps_both_and_is_reported(read):
    twice, one, other = read(GoldenJson(), '{"1": [[1, 3]],\n"1": [[8, 9]]}')
    assert twice == BadRow(2, "run 1 is named twice, its ranges are joined")
    assert [(one.first, one.last), (other.first, other.last)] == [(1, 3), (8, 9)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([[9, 5]], r"run 7: [9, 5] is reversed"),
        ([[0, 5]], "run 7: [0, 5] is not within 1 to 2147483647"),
        ([[1, 2**31]], "run 7: [1, 2147483648] is not within 1 to 2147483647"),
        ([[1.5, 2]], "run 7: [1.5, 2] is not a range of two whole numbers"),
        ([["1", 2]], "run 7: ['1', 2] is not a range of two whole numbers"),
        ([[True, 2]], "run 7: [True, 2] is not a range of two whole numbers"),
        ([[1, 2, 3]], "run 7: [1, 2, 3] is not a range of two whole numbers"),
        ([4], "run 7: 4 is not a range of two whole numbers"),
        ("all", "run 7: 'all' is not a list of ranges"),
        (None, "run 7: None is not a list of ranges"),
    ],
)
def test_bad_range_names_the_run_and_stops_nothing(read, value, reason):
    good = [[20, 30]] if isinstance(value, list) else []
    value = value + good if isinstance(value, list) else value
    records = read(GoldenJson(), {"6": [[1, 2]], "7": value, "8": [[3, 4]]})
    assert records[0] == BadRow(1, reason)
    assert [(record.run, record.first) for record in records[1:]] == [(6, 1), *[(7, 20)] * len(good), (8, 3)]


@pytest.mark.parametrize("key", ["abc", "", "-5", "0", "1.0", "99999999999", "٣"])
def test_bad_run_number(read, key):
    bad, good = read(GoldenJson(), {key: [[1, 2]], "8": [[3, 4]]})
    assert bad == BadRow(1, f"run {key!r} is not a run number")
    assert good.run == 8


RANGES = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 8)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=12,
)


@given(ranges=RANGES)
def test_merged_ranges_are_the_same_lumisections_apart_and_in_order(ranges):
    merged = merge_ranges(ranges)
    assert {n for first, last in merged for n in range(first, last + 1)} == {
        n for first, last in ranges for n in range(first, last + 1)
    }
    assert all(before[1] + 1 < after[0] for before, after in pairwise(merged))
    assert merge_ranges(merged) == merged


@given(ranges=RANGES, start=st.integers(1, 60))
def test_open_end_swallows_what_follows(ranges, start):
    assert merge_ranges([*ranges, (start, None)])[-1][1] is None


# Real files


@pytest.fixture
def real() -> Path:
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA is not set")
    return Path(folder) / "cms"


def test_real_dcs_file_has_206_runs_whose_ranges_need_merging(real):
    path = real / "golden" / "json_DCSONLY_2018.txt"
    written = {
        int(run): [tuple(part) for part in ranges] for run, ranges in json.loads(path.read_text()).items()
    }
    read: dict[int, list] = {}
    for record in DcsJson().read(path):
        read.setdefault(record.run, []).append((record.first, record.last))
    assert read.keys() == written.keys()
    assert sum(read[run] != written[run] for run in written) == 206
    for run, ranges in written.items():
        lumisections = {n for first, last in ranges for n in range(first, last + 1)}
        assert {n for first, last in read[run] for n in range(first, last + 1)} == lumisections


@pytest.mark.parametrize(("era", "runs", "lumisections"), [("A", 36, 3374), ("B", 72, 14987)])
def test_real_oms_tables(real, era, runs, lumisections):
    records = list(OmsColumnar().read(real / "oms" / f"omsdata_Run2024{era}-v1.json"))
    assert sum(isinstance(record, RunRecord) for record in records) == runs
    assert sum(isinstance(record, LumisectionRecord) for record in records) == lumisections
    assert len(records) == runs + lumisections
    assert records[0].era == f"2024{era}"


def test_unit_of_the_real_tables_gives_the_colliding_bunches_their_menus_name(real):
    """Luminosity is pile-up times bunches times revolutions over cross section, so bunches come out whole."""
    records = OmsColumnar().read(real / "oms" / "omsdata_Run2024B-v1.json")
    checked = 0
    for record in records:
        if not isinstance(record, LumisectionRecord) or not record.flags["prescale_name"].endswith("b"):
            continue
        if record.pileup > 15 and record.flags["beams_stable"] and record.flags["physics_flag"]:
            bunches = record.delivered_luminosity * 8e10 / (record.pileup * 11_245 * 23.31)
            checked += 1
            assert min(abs(bunches / n - 1) for n in (2, 8, 62, 386, 818)) < 0.01
    assert checked > 1000


def test_golden_share_of_2024b(real):
    good: dict[int, list] = {}
    for record in GoldenJson().read(real / "golden" / "Cert_Collisions2024_378981_386951_Golden.json"):
        good.setdefault(record.run, []).append((record.first, record.last))
    recorded = golden = 0.0
    for record in OmsColumnar().read(real / "oms" / "omsdata_Run2024B-v1.json"):
        if isinstance(record, LumisectionRecord):
            recorded += record.recorded_luminosity
            if any(first <= record.number <= last for first, last in good.get(record.run, [])):
                golden += record.recorded_luminosity
    assert golden / recorded == pytest.approx(0.217, abs=0.0005)
