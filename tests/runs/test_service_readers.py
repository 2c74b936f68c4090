"""Readers of what services and tools write: OMS answers, brilcalc, run-level CSV, Run Registry, legacy tables."""

import json
import pickle
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.records import BadRow, Passed, ReaderError
from runs.readers import READERS
from runs.readers.brilcalc import Brilcalc
from runs.readers.legacy_flags import LumisectionFlags, Rates, RunFractions
from runs.readers.oms_json import OmsJson
from runs.readers.recognise import recognised
from runs.readers.run_files import RunFiles
from runs.readers.run_registry import RunRegistryJson
from runs.readers.units import luminosity_factor
from runs.records import CertificationRecord, FillRecord, LumisectionRecord, RunRecord

DATA = Path(__file__).parent.parent / "data" / "runs"


@pytest.fixture
def read(tmp_path):
    def read(reader, content, name="file.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return list(reader.read(path))

    return read


def reasons(records):
    return [record.reason for record in records if isinstance(record, BadRow)]


# Which reader a file is for

NAMED = {
    "golden-json": "Cert_Collisions2024_378981_386951_Golden.json",
    "dcs-json": "Collisions25_13p6TeV_391658_395372_DCSOnly_TkPx.json",
    "muon-json": "Cert_Collisions2024_378981_386951_Muon.json",
    "ml-json": "Collisions2024_378981_386951_ML.json",
    "run-files": "ZeroBias_315257_UL2018.csv",
}


@pytest.mark.parametrize("name", READERS)
def test_a_file_finds_its_reader(name, tmp_path):
    (sample,) = DATA.glob(f"{name}.*")
    path = tmp_path / NAMED.get(name, f"anything{sample.suffix}")
    shutil.copy(sample, path)
    assert recognised(path, READERS) == name


def test_a_file_nobody_knows_is_one_line_with_the_choices(tmp_path):
    path = tmp_path / "ranges.json"
    path.write_text('{"316187": [[1, 5]]}')
    with pytest.raises(
        ReaderError, match=r"^ranges.json: no reader knows it; --reader names one of brilcalc-csv, dcs-"
    ):
        recognised(path, READERS)


@pytest.mark.parametrize(("era", "name"), [("A", "oms-columnar"), ("B", "oms-columnar")])
def test_the_real_files_find_their_reader(real_data, era, name):
    assert recognised(real_data / f"cms/oms/omsdata_Run2024{era}-v1.json", READERS) == name
    golden = real_data / "cms/golden"
    assert recognised(golden / "brilcalc_byls_2026_head.csv", READERS) == "brilcalc-csv"
    assert recognised(golden / "json_DCSONLY_2018.txt", READERS) == "dcs-json"
    assert recognised(golden / "json_GOLDEN_2018.txt", READERS) == "golden-json"


# Units


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("/fb", 1e3), ("fb^{-1}", 1e3), ("pb^{-1}", 1.0), ("1/pb", 1.0), ("nb⁻¹", 1e-3), ("{\\mu}b^{-1}", 1e-6),
        ("/ub", 1e-6), ("µb^{-1}", 1e-6), ("mb^{-1}", 1e-9), ("b^{-1}", 1e-12), ("$\\mathrm{pb}^{-1}$", 1.0),
    ],
)  # fmt: skip
def test_units_of_luminosity_in_every_spelling(unit, factor):
    assert luminosity_factor(unit) == factor


@pytest.mark.parametrize("unit", ["", "pb", "hz/ub", "10^{34}cm^{-2}s^{-1}", "pb^{-2}", "GeV", "fbb-1"])
def test_what_is_no_integrated_luminosity_has_no_factor(unit):
    assert luminosity_factor(unit) is None


# OMS


def page(*attributes, what="runs", units=None, of_page=False):
    meta = {"row": {name: {"units": unit} for name, unit in (units or {}).items()}}
    things = [
        {"id": "7", "type": what, "attributes": one, **({} if of_page else {"meta": meta})}
        for one in attributes
    ]
    return {"data": things, "links": {"next": None}, **({"meta": meta} if of_page else {})}


def test_the_sample_becomes_a_fill_a_run_and_lumisections():
    fill, run, first, second = OmsJson().read(DATA / "oms-json.json")
    assert fill._replace(attributes={}) == FillRecord(
        1,
        9877,
        datetime(2024, 3, 8, 10, tzinfo=UTC),
        datetime(2024, 3, 8, 20, tzinfo=UTC),
        6800.0,
        62.4,
        pytest.approx(502.1),
        pytest.approx(468.8),
        {},
    )
    assert fill.attributes["peak_lumi"] == {"value": 20.1, "unit": "10^{33}cm^{-2}s^{-1}"}
    assert "crossing_angle" not in fill.attributes
    assert (run.fill_number, run.b_field, run.energy, run.recorded_luminosity) == (9877, 3.8, 6800.0, 12.5)
    assert run.attributes["delivered_lumi"] == {"value": 13.25, "unit": "pb⁻¹"}
    assert run.attributes["components"] == "TRACKER, PIXEL"
    assert first.recorded_luminosity == pytest.approx(440.25e-6)
    assert (first.pileup, first.flags["bpix_ready"], first.flags["prescale_name"]) == (55.5, True, "2p0E34")
    assert not {"delivered_lumi", "end_time"} & first.flags.keys()
    assert (second.recorded_luminosity, second.pileup) == (None, None)


@pytest.mark.parametrize("of_page", [True, False])
@pytest.mark.parametrize(
    ("unit", "value"), [("pb^{-1}", 12.0), ("fb^{-1}", 12_000.0), ("{\\mu}b^{-1}", 12e-6)]
)
def test_units_are_read_never_assumed(read, unit, value, of_page):
    (run,) = read(
        OmsJson(),
        page({"run_number": 7, "recorded_lumi": 12.0}, units={"recorded_lumi": unit}, of_page=of_page),
    )
    assert run.recorded_luminosity == pytest.approx(value)


def test_a_luminosity_without_a_unit_is_refused_unless_it_is_told(read):
    answer = page({"run_number": 7, "recorded_lumi": 12.0})
    assert reasons(read(OmsJson(), answer)) == [
        "runs 7: recorded_lumi has no unit: ask with include=meta, or tell the luminosity unit"
    ]
    assert read(OmsJson(luminosity_unit="/fb"), answer)[0].recorded_luminosity == 12_000.0
    assert read(OmsJson(), page({"run_number": 7, "recorded_lumi": 0}))[0].recorded_luminosity == 0.0
    with pytest.raises(ValueError, match="luminosity_unit is 'pints'"):
        OmsJson(luminosity_unit="pints")


def test_energies_and_fields_are_converted(read):
    units = {"energy": "TeV", "b_field": "kG"}
    (run,) = read(OmsJson(), page({"run_number": 7, "energy": 6.8, "b_field": 38}, units=units))
    assert (run.energy, run.b_field) == (pytest.approx(6800), pytest.approx(3.8))
    wrong = read(OmsJson(), page({"run_number": 7, "energy": 6.8}, units={"energy": "keV"}))
    assert reasons(wrong) == ["runs 7: energy is in 'keV', expected one of MeV, GeV, TeV"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"run_number": None}, "run_number is not a whole number: None"),
        ({"run_number": True}, "run_number is not a whole number: True"),
        ({"fill_number": "x"}, "fill_number is not a whole number: 'x'"),
        ({"start_time": "noon"}, "start_time is not a time: 'noon'"),
        ({"end_time": 7}, "end_time is not a time: 7"),
        ({"energy": "high"}, "energy is not a number: 'high'"),
    ],
)
def test_a_thing_that_is_none_is_told_with_its_name(read, change, reason):
    records = read(OmsJson(), page({"run_number": 6}, {"run_number": 7, **change}, {"run_number": 8}))
    assert reasons(records) == [f"runs 7: {reason}"]
    assert [record.number for record in records if isinstance(record, RunRecord)] == [6, 8]


def test_one_page_a_list_of_pages_and_a_page_a_line_are_the_same(read):
    pages = [page({"run_number": n}) for n in (1, 2)]
    lines = "\n".join(json.dumps(one) for one in pages)
    assert read(OmsJson(), pages) == read(OmsJson(), lines) == read(OmsJson(), json.dumps(pages, indent=2))
    assert [record.line for record in read(OmsJson(), lines)] == [1, 2]
    assert read(OmsJson(), {"data": pages[0]["data"][0]})[0].number == 1


def test_a_line_that_was_cut_names_itself(read):
    with pytest.raises(ReaderError, match=r"^file.json: not JSON in line 2: "):
        read(OmsJson(), json.dumps(page({"run_number": 1})) + '\n{"data": [')


def test_other_things_are_told_apart(read):
    records = read(OmsJson(), page({"path": "HLT_x"}, what="hltpathinfo"))
    assert reasons(records) == [
        "hltpathinfo 7: type is 'hltpathinfo', expected one of fills, runs, lumisections"
    ]


# brilcalc


def test_brilcalc_fills_luminosity_pileup_and_time():
    run, first, _, third, other, _ = Brilcalc().read(DATA / "brilcalc-csv.csv")
    assert run == RunRecord(3, 401663, fill_number=11474, recorded_luminosity=pytest.approx(0.028201))
    assert first.start_time == datetime(2026, 3, 8, 16, 30, 1, tzinfo=UTC)
    assert (first.delivered_luminosity, first.pileup) == (pytest.approx(0.015352), 59.6)
    assert first.flags == {"luminometer": "HFET", "hlt_path": "HLT_IsoMu24_v31"}
    assert (third.number, third.recorded_luminosity) == (3, 0.0)
    assert other.number == 401664


def test_brilcalc_reads_the_unit_of_its_header(read):
    for unit, factor in (("/fb", 1e3), ("/pb", 1.0), ("/ub", 1e-6)):
        text = f"#run:fill,ls,time,delivered({unit}),recorded({unit}),avgpu\n7:8,1:1,1709900000,2.0,1.0,30\n"
        assert read(Brilcalc(), text)[1].delivered_luminosity == pytest.approx(2.0 * factor)
    with pytest.raises(ReaderError, match=r"delivered\(hz/ub\) is not in a unit of integrated luminosity"):
        read(Brilcalc(), "#run:fill,ls,time,delivered(hz/ub),recorded(hz/ub),avgpu\n7:8,1:1,1,2,1,3\n")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7:8,1:2,03/08/26 16:30:01,2,1,3", "ls is '1:2': the luminometers and CMS disagree"),
        ("x:8,1:1,03/08/26 16:30:01,2,1,3", "run is not a whole number: 'x'"),
        ("7:8,1:1,noon,2,1,3", "time is 'noon', expected month/day/year hours:minutes:seconds"),
        ("7:8,1:1,03/08/26 16:30:01,much,1,3", "delivered(/pb) is not a number: 'much'"),
        ("7:8,1:1", "2 columns, expected 6"),
    ],
)
def test_a_bad_row_of_brilcalc_stops_nothing(read, row, reason):
    text = f"#run:fill,ls,time,delivered(/pb),recorded(/pb),avgpu\n{row}\n7:8,9:9,03/08/26 16:30:01,2,1,\n"
    bad, run, lumisection = read(Brilcalc(), text)
    assert bad == BadRow(2, reason)
    assert (run.number, lumisection.number, lumisection.pileup) == (7, 9, None)


def test_brilcalc_by_run_is_refused(read):
    with pytest.raises(ReaderError, match="missing column ls: brilcalc lumi --byls writes it"):
        read(Brilcalc(), "#run:fill,time,nls,ncms,delivered(/pb),recorded(/pb)\n")


def test_the_real_brilcalc_file(real_data):
    records = list(Brilcalc().read(real_data / "cms/golden/brilcalc_byls_2026_head.csv"))
    lumisections = [record for record in records if isinstance(record, LumisectionRecord)]
    assert not reasons(records)
    assert len({record.run for record in lumisections}) == sum(
        isinstance(record, RunRecord) for record in records
    )
    assert all(record.delivered_luminosity > 0 <= record.recorded_luminosity for record in lumisections)


# Run-level CSV


def test_dataset_run_and_campaign_come_from_the_name(read):
    (run,) = read(RunFiles(), "path,title\n", "ZeroBias_315257_UL2018.csv")
    assert run == RunRecord(1, 315257, attributes={"datasets": {"ZeroBias": {"UL2018": True}}})


def test_runs_and_datasets_come_from_the_rows():
    first, second = RunFiles().read(DATA / "run-files.csv")
    assert [first.number, second.number] == [315257, 315258]
    assert first.attributes == {"datasets": {"ZeroBias": {}}}


def test_a_name_and_rows_together(read):
    text = (DATA / "run-files.csv").read_text()
    assert read(RunFiles(), text, "PerRun_UL2018.csv")[1].attributes == {
        "datasets": {"ZeroBias": {"UL2018": True}}
    }


def test_a_csv_that_tells_of_no_run_is_refused(read):
    with pytest.raises(
        ReaderError, match=r"no column run, and its name is not like ZeroBias_315257_UL2018.csv"
    ):
        read(RunFiles(), "a,b\n1,2\n", "other.csv")


# Run Registry


def test_ranges_become_flags_of_a_dataset():
    records = list(RunRegistryJson().read(DATA / "runregistry-json.json"))
    name = "/PromptReco/Collisions2018A/DQM"
    assert [record[1:] for record in records] == [
        (316187, 1, 50, "tracker-pixel", "GOOD", "", "", name),
        (316187, 51, 60, "tracker-pixel", "BAD", "FED errors", "BPix L1, ring 2", name),
        (316187, 61, 70, "tracker-pixel", "STANDBY", "", "", name),
        (316187, 1, 60, "tracker-strip", "GOOD", "", "", name),
        (316187, 61, 70, "tracker-strip", "NOTSET", "", "", name),
        (316187, 1, 2, "dt-dt", "EXCLUDED", "", "", "online"),
        (316187, 3, 3, "dt-dt", "EMPTY", "", "", "online"),
    ]


RANGES = [{"start": 1, "end": 5, "dt-dt": {"status": "GOOD"}, "oms": True}]


def test_ranges_alone_take_the_run_from_the_name(read):
    (record,) = read(RunRegistryJson(), RANGES, "rr_316187_online.json")
    assert record == CertificationRecord(1, 316187, 1, 5, "dt-dt", "GOOD")
    with pytest.raises(ReaderError, match="ranges without a run: the file's name must hold its number, once"):
        read(RunRegistryJson(), RANGES, "rr.json")


def test_a_dataset_with_only_a_summary_is_passed_over(read):
    told = {"run_number": 7, "name": "online", "lumisections": {"dt-dt": {"GOOD": 5}}}
    assert read(RunRegistryJson(), [told]) == [
        Passed(1, "run 7, dataset online: no ranges of lumisections are told")
    ]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"run_number": "x", "name": "online", "lumisections": []}, "run_number is not a whole number: 'x'"),
        (
            {"run_number": 7, "name": "online", "lumisections": [{"start": 5, "end": 4}]},
            "range 5 to 4 is reversed",
        ),
        ({"run_number": 7, "name": "online", "lumisections": [7]}, "7 is nothing said of lumisections"),
    ],
)
def test_a_dataset_that_is_none_is_told(read, told, reason):
    (bad, good) = read(RunRegistryJson(), [told, {"run_number": 8, "name": "online", "lumisections": RANGES}])
    assert bad.reason.endswith(reason)
    assert good.run == 8


# The columns of legacy pickles


def test_a_fraction_says_only_what_it_can(read):
    """1 is all good, 0 none; between, nobody knows which lumisections are."""
    records = list(RunFractions().read(DATA / "run-fractions.csv"))
    assert [record[1:7] for record in records] == [
        (315257, 1, None, "pixel", "GOOD", "1 of it good"),
        (315257, 1, None, "strip", "NOTSET", "0.973 of it good"),
        (315257, 1, None, "track", "BAD", "0 of it good"),
        (315258, 1, None, "pixel", "GOOD", "1 of it good"),
        (315258, 1, None, "track", "GOOD", "1 of it good"),
    ]
    wrong = read(RunFractions(), "run_number,fraction_pixel_GOOD\n7,1.5\n", "f.csv")
    assert reasons(wrong) == ["fraction_pixel_GOOD is 1.5, expected 0 to 1"]


def test_lumisection_flags_become_ranges_and_not_golden_is_not_bad():
    records = list(LumisectionFlags().read(DATA / "lumisection-flags.csv"))
    found = {
        (r.run, r.flag, r.first, r.last, r.status) for r in records if isinstance(r, CertificationRecord)
    }
    assert found == {
        (315257, "golden", 1, 3, "GOOD"), (315257, "pixel", 1, 2, "GOOD"), (315257, "pixel", 3, 3, "BAD"),
        (315257, "strip", 1, 2, "BAD"), (315257, "strip", 3, 3, "GOOD"), (315258, "golden", 1, 1, "GOOD"),
        (315258, "pixel", 1, 1, "GOOD"), (315258, "strip", 1, 1, "GOOD"),
    }  # fmt: skip


def test_the_whole_file_of_flags_is_read_not_its_first_200_rows(read):
    rows = "".join(f"7,{number},True,False\n" for number in range(1, 1001))
    golden, pixel = read(
        LumisectionFlags(), f"run_number,lumi_number,golden_flag,pixel_flag\n{rows}", "f.csv"
    )
    assert (golden.first, golden.last, pixel.last, pixel.status) == (1, 1000, 1000, "BAD")


def test_what_is_both_yes_and_no_does_not_count(read):
    text = "run_number,lumi_number,golden_flag,dt_flag\n7,1,False,True\n7,1,,False\n7,2,,True\n"
    bad, passed, good = read(LumisectionFlags(), text, "f.csv")
    assert bad.reason == "run 7: dt is both yes and no for lumisection 1"
    assert passed == Passed(2, "run 7: 1 lumisections not golden: not judged by that")
    assert (good.flag, good.first, good.last) == ("dt", 2, 2)


def test_the_same_table_as_csv_rows_columns_and_pandas_json(read):
    rows = [{"run_number": 7, "fraction_dt_GOOD": 0.5}, {"run_number": 8, "fraction_dt_GOOD": None}]
    columns = {"run_number": [7, 8], "fraction_dt_GOOD": [0.5, None]}
    by_row = {name: {str(n): value for n, value in enumerate(values)} for name, values in columns.items()}
    expected = read(RunFractions(), "run_number,fraction_dt_GOOD\n7,0.5\n8,\n", "f.csv")[0]._replace(line=1)
    for document in (rows, columns, by_row, "\n".join(map(json.dumps, rows))):
        assert read(RunFractions(), document) == [expected]


def test_rates_become_a_flag_of_the_lumisection():
    first, _, third = Rates(label="zero bias rate").read(DATA / "oms-rate.csv")
    assert first == LumisectionRecord(2, 315257, 1, flags={"zero bias rate": 2010.5})
    assert third.flags == {}


class Touched:
    """Says so when it is unpickled."""

    def __reduce__(self):
        return (print, ("unpickled",))


@pytest.mark.parametrize("reader", [RunFractions, LumisectionFlags, Rates])
def test_a_pickle_is_never_read(reader, tmp_path, capsys):
    path = tmp_path / "flags.pkl"
    path.write_bytes(pickle.dumps(Touched()))
    with pytest.raises(
        ReaderError, match=r"^flags.pkl: a pickle, which is never read: write it as CSV or JSON first"
    ):
        list(reader().read(path))
    assert capsys.readouterr().out == ""


# Whatever comes

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
NAMES = st.sampled_from(
    ["run_number", "fill_number", "lumisection_number", "recorded_lumi", "energy", "start_time", "x"]
)
THINGS = st.fixed_dictionaries(
    {"type": st.sampled_from(["runs", "fills", "lumisections", "x"])},
    optional={"attributes": st.dictionaries(NAMES, ANYTHING), "meta": ANYTHING, "id": ANYTHING},
)


@given(st.lists(THINGS | ANYTHING, max_size=4), ANYTHING)
def test_any_answer_of_oms_gives_records_bad_rows_or_one_line(tmp_path_factory, data, meta):
    path = tmp_path_factory.mktemp("oms") / "any.json"
    path.write_text(json.dumps({"data": data, "meta": meta}))
    _takes_or_refuses(OmsJson(), path)


@given(
    ANYTHING | st.lists(st.fixed_dictionaries({"run_number": SCALARS, "lumisections": ANYTHING}), max_size=3)
)
def test_any_answer_of_the_registry_gives_records_bad_rows_or_one_line(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("rr") / "any.json"
    path.write_text(json.dumps(document))
    _takes_or_refuses(RunRegistryJson(), path)


@given(
    st.sampled_from([
        "#run:fill,ls,time,delivered(/pb),recorded(/pb),avgpu\n", "run_number,fraction_dt_GOOD\n",
        "run_number,lumi_number,dt_flag\n", f"{','.join(Rates.columns)}\n", "run,pd\n", "",
    ]),
    st.text(alphabet="0123456789,:.\"\n-eE+naTrue \0é", max_size=60),
)  # fmt: skip
def test_any_table_gives_records_bad_rows_or_one_line(tmp_path_factory, header, rows):
    path = tmp_path_factory.mktemp("table") / "any.csv"
    path.write_text(header + rows)
    for reader in (Brilcalc(), RunFractions(), LumisectionFlags(), Rates(), RunFiles()):
        _takes_or_refuses(reader, path)


def _takes_or_refuses(reader, path):
    kinds = (FillRecord, RunRecord, LumisectionRecord, CertificationRecord, BadRow, Passed)
    try:
        assert all(isinstance(record, kinds) for record in reader.read(path))
    except ReaderError as error:
        refusal = str(error)
    else:
        return
    assert refusal.startswith(path.name)
    assert "\n" not in refusal
