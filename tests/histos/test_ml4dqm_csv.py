"""ML4DQM CSV as people write it: what is read, what is refused and why, how large it may be."""

import csv
import gzip
import io
import json
import os
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from histos.readers import ml4dqm_csv, ml4dqm_elements
from histos.readers.ml4dqm_csv import Ml4dqmCsv
from histos.readers.ml4dqm_plain import ELEMENT
from histos.records import Axis, Element, HistogramRecord
from project.records import BadRow, ReaderError
from tests.histos.reading import same

TWINS = ["fromrun", "fromlumi", "hname", "fromrun", "fromlumi", "metype", "hname", "histo", "entries",
         "Xmax", "Xmin", "Xbins", "Ymax", "Ymin", "Ybins"]  # fmt: skip
INDEXED = ["", "fromrun", "fromlumi", "hname", "metype", "histo", "entries",
           "Xmax", "Xmin", "Xbins", "Ymax", "Ymin", "Ybins"]  # fmt: skip
GOOD = {"": 0, "fromrun": 315488, "fromlumi": 229, "hname": "charge", "metype": 3, "histo": "[1, 2, 3, 4, 5]",
        "entries": 15, "Xmax": 1.5, "Xmin": -1.5, "Xbins": 3, "Ymax": 1, "Ymin": 0, "Ybins": 1}  # fmt: skip
MAP = {"metype": 6, "histo": str(list(range(20))), "Xbins": 3, "Ybins": 2, "Ymin": -2}


def csv_text(*rows: dict, header: list[str] = TWINS, end: str = "\n") -> str:
    """A CSV of GOOD rows, each with what ``rows`` changes."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator=end)
    writer.writerow(header)
    writer.writerows([(GOOD | row)[column] for column in header] for row in rows)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path):
    """Read a text, or bytes, as ML4DQM CSV."""

    def read(content, name="file.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(Ml4dqmCsv(**options).read(path))

    return read


# ML4DQM CSV: what is read


def test_1d_row(read):
    (record,) = read(csv_text({}))
    element = Element("charge", (Axis(-1.5, 1.5, 3),), "int64", "TH1F")
    assert record[:-1] == (2, 315488, 229, element, 15.0)
    assert record.counts.tolist() == [1, 2, 3, 4, 5]


def test_2d_row_has_y_slow_and_flow_bins(read):
    (record,) = read(csv_text(MAP))
    assert record.element == Element("charge", (Axis(-1.5, 1.5, 3), Axis(-2, 1, 2)), "int64", "TH2F")
    assert record.counts.reshape(4, 5)[1].tolist() == [5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("metype", "root_class"),
    [(3, "TH1F"), (4, "TH1S"), (5, "TH1D"), (6, "TH2F"), (7, "TH2S"), (8, "TH2D")],
)
def test_metype_is_the_root_class(read, metype, root_class):
    (record,) = read(csv_text({**(MAP if metype > 5 else {}), "metype": metype}))
    assert record.element.root_class == root_class


@pytest.mark.parametrize(
    "written",
    [
        "[1,2,3,4,5]",
        "[1 2 3 4 5]",
        "[ 1  2  3\n  4  5]",
        "[1. 2. 3. 4. 5.]",
        "[1., 2., 3., 4., 5.]",
        "[1.0, 2.0, 3.0, 4.0, 5.0]",
        "[1.e+00 2.e+00 3.e+00\n 4.e+00 5.e+00]",
        " [1, 2, 3,\n 4, 5] ",
    ],
)
def test_any_way_to_write_whole_numbers_gives_the_same_counts(read, written):
    (record,) = read(csv_text({"histo": written}))
    assert record.counts.dtype == np.int64
    assert record.counts.tolist() == [1, 2, 3, 4, 5]


def test_fractions_belong_to_the_double_twin_of_the_element(read):
    whole, part, again = read(csv_text({}, {"histo": "[0.5, 2, 3e-1, 4, 5]"}, {}))
    assert part.counts.tolist() == [0.5, 2, 0.3, 4, 5]
    assert part.element == whole.element._replace(storage="double")
    assert again.element is whole.element


def test_weighted_elements_keep_their_empty_histograms(read):
    empty, full = read(csv_text({"histo": "[0, 0, 0, 0, 0]"}, {"histo": "[0, .5, 0, 0, 0]"}), weighted=True)
    assert empty.element is full.element
    assert empty.element.storage == "double"


@pytest.mark.parametrize("header", [TWINS, INDEXED, INDEXED[1:], [*INDEXED[1:], ""]])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_header_variants_and_line_ends(read, header, end):
    (expected,) = read(csv_text({}))
    (record,) = read(csv_text({}, header=header, end=end))
    assert same(record, expected)


def test_header_quoted_or_renamed_by_pandas_or_after_a_byte_order_mark(read):
    header, row = csv_text({}).splitlines(keepends=True)
    pandas = "fromrun,fromlumi,hname,fromrun.1,fromlumi.1,metype,hname.1," + header.split("hname,")[2]
    quoted = ",".join(f'"{name}"' for name in header.strip().split(",")) + "\n"
    (expected,) = read(header + row)
    for text in (pandas + row, quoted + row, "\ufeff" + header + row):
        (record,) = read(text)
        assert same(record, expected)


def test_all_fields_quoted(read):
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([INDEXED, [GOOD[name] for name in INDEXED]])
    (record,) = read(stream.getvalue())
    assert same(record, read(csv_text({}))[0])


def test_name_with_comma_and_quotes(read):
    (record,) = read(csv_text({"hname": 'chi2, "tight"'}))
    assert record.element.name == 'chi2, "tight"'


def test_gzip_is_known_by_its_content(read):
    text = csv_text({}, {})
    for name in ("a.csv.gz", "a.csv"):
        assert all(map(same, read(gzip.compress(text.encode()), name), read(text)))


def test_blank_lines_are_skipped_and_counted(read):
    assert [record.line for record in read(csv_text({}, {}).replace("\n", "\n\n"))] == [3, 5]


def test_lumisection_0_is_the_whole_run(read):
    assert read(csv_text({"fromlumi": 0}))[0].lumisection == 0


def test_whole_numbers_may_be_written_as_floats(read):
    (record,) = read(csv_text({"fromrun": "315488.0", "fromlumi": "229.0", "Xbins": "3.0"}))
    assert same(record, read(csv_text({}))[0])


def test_file_without_rows_is_empty_not_wrong(read):
    assert read(csv_text()) == []


def test_last_line_needs_no_end(read):
    assert len(read(csv_text({}, {}).rstrip())) == 2


# ML4DQM CSV: rows that are refused, each for its own reason

REFUSED = {
    "wrong length": (
        {"histo": "[1, 2, 3]"},
        r"wrong length: 3 values, expected 5 = \(Xbins 3 \+ 2\); the flow",
    ),
    "wrong length 2D": (
        {**MAP, "histo": "[1, 2]"},
        r"wrong length: 2 values, expected 20 = \(Ybins 2 \+ 2\) \* \(Xbins 3 \+ 2\)$",
    ),
    "no values": ({"histo": "[]"}, "wrong length: 0 values"),
    "1D list in a 2D row": ({**MAP, "histo": GOOD["histo"]}, "metype is a TH2F, but the list is one-dim"),
    "2D bins in a 1D row": ({"Ybins": 2}, "metype is a TH1F, but Ybins is '2'"),
    "list not closed": ({"histo": "[1, 2, 3"}, r"bad JSON: histo is not a closed list: '\[1, 2, 3'"),
    "not a list": ({"histo": '{"1": 2}'}, "bad JSON: histo is not a closed list"),
    "two commas": ({"histo": "[1, 2,, 4, 5]"}, "bad JSON: '' in bin 2 is not a number"),
    "word": ({"histo": "[1, x, 3, 4, 5]"}, "bad JSON: ' x' in bin 1 is not a number"),
    "null": ({"histo": "[1, null, 3, 4, 5]"}, "bad JSON: ' null' in bin 1"),
    "boolean": ({"histo": "[1, true, 3, 4, 5]"}, "bad JSON: ' true' in bin 1"),
    "nested": ({"histo": "[[1, 2], [3, 4, 5]]"}, r"bad JSON: '\[1' in bin 0"),
    "underscore": ({"histo": "[1 2_0 3 4 5]"}, "bad JSON: '2_0' in bin 1"),
    "abbreviated": ({"histo": "[0 0 0 ... 0 0 0]"}, "bad JSON: the list is abbreviated with '...'"),
    "negative count": ({"histo": "[1, -2, 3, 4, 5]"}, "negative count -2 in bin 1"),
    "negative fraction": ({"histo": "[1, 2, -.5, 4, 5]"}, "negative count -0.5 in bin 2"),
    "NaN count": ({"histo": "[1, 2, 3, NaN, 5]"}, "non-finite count nan in bin 3"),
    "infinite count": ({"histo": "[1. 2. inf 4. 5.]"}, "non-finite count inf in bin 2"),
    "overflowing count": ({"histo": "[1, 2, 1e999, 4, 5]"}, "non-finite count inf in bin 2"),
    "run in words": ({"fromrun": "A"}, "fromrun is not a number: 'A'"),
    "fractional run": ({"fromrun": 315488.5}, "fromrun is not a whole number"),
    "run 0": ({"fromrun": 0}, "fromrun is 0, expected at least 1"),
    "huge run": ({"fromrun": 2**31}, "fromrun is not a whole number: '2147483648'"),
    "empty lumisection": ({"fromlumi": ""}, "fromlumi is not a number: ''"),
    "negative lumisection": ({"fromlumi": -1}, "fromlumi is -1, expected at least 0"),
    "unknown metype": ({"metype": 11}, "unknown metype '11', expected 3 to 8"),
    "reversed axis": ({"Xmax": -2}, "reversed axis range: Xmin -1.5 is not below Xmax -2"),
    "empty axis": ({**MAP, "Ymin": 1}, "reversed axis range: Ymin 1 is not below Ymax 1"),
    "non-finite axis": ({"Xmax": "inf"}, "Xmax is not a finite number: 'inf'"),
    "NaN axis": ({"Xmin": "nan"}, "Xmin is not a finite number: 'nan'"),
    "no bins": ({"Xbins": 0}, "Xbins is 0, expected at least 1"),
    "absurd bins": ({"Xbins": 10**7}, "absurd binning: 10000002 cells, at most 10000000"),
    "entries in words": ({"entries": "many"}, "entries is not a number: 'many'"),
    "entries NaN": ({"entries": "nan"}, "entries is not a finite number"),
    "negative entries": ({"entries": -5}, "negative entries: -5"),
    "no name": ({"hname": " "}, "hname is empty"),
    "NUL byte": ({"hname": "a\0b"}, "NUL byte: hname is not printable"),
}


@pytest.mark.parametrize(("change", "reason"), REFUSED.values(), ids=REFUSED)
def test_bad_row_names_line_and_reason_and_stops_nothing(read, change, reason):
    before, bad, after = read(csv_text({}, change, {}))
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert isinstance(before, HistogramRecord)
    assert isinstance(after, HistogramRecord)
    assert re.match(reason, bad.reason)


def test_twin_columns_must_agree(read):
    text = csv_text({}, {}).replace("315488,229,charge,315488", "315488,229,charge,315489", 1)
    assert read(text)[0] == BadRow(2, "the two columns fromrun differ")


@pytest.mark.parametrize("header", [TWINS, INDEXED, [*TWINS, "", "entries", "histo"], INDEXED[::-1]])
def test_a_row_read_in_one_go_is_what_its_fields_say(read, header, monkeypatch):
    rows = [
        {}, MAP, {"entries": "15."}, {"entries": 1e20}, {"fromlumi": 0}, {"hname": " charge"}, {"hname": "a,b"},
        {"Xbins": "3.0"}, {"histo": "[1 2 3 4 5]"}, {"histo": "[1,2,3,4,0.5]"}, {"fromrun": "007"},
        {"histo": f"[1,2,3,4,{2**63}]"}, {"histo": f"[1,2,3,4,{2**63 - 1}]"}, {"histo": "[1,2,3,4,-5]"},
        *(change for change, _ in REFUSED.values()),
    ]  # fmt: skip
    texts = [csv_text(*rows, header=header, end=end) for end in ("\n", "\r\n")]
    quickly = [read(text) for text in texts]
    monkeypatch.setattr(ml4dqm_csv, "plain_rows", lambda header: lambda row: None)
    for items, text in zip(quickly, texts, strict=True):
        assert len(items) == len(rows)
        assert all(map(same, items, read(text)))


@pytest.mark.parametrize("line", ["1,2,3\n", '1,"2,3\n', "hello\n", ",,,,,,,,,,,,,,,,\n"])
def test_row_with_another_number_of_columns(read, line):
    bad, good = read(csv_text({}).replace("\n", "\n" + line, 1))
    assert bad.line == 2
    assert isinstance(good, HistogramRecord)


def test_name_that_is_not_utf8(read):
    bad, good = read(
        csv_text({"hname": "X"}, {}).encode().replace(b"X,", b"\xff,", 3).replace(b"\xffmax", b"Xmax")
    )
    assert bad == BadRow(2, "hname is not UTF-8")
    assert isinstance(good, HistogramRecord)


@pytest.mark.parametrize("histo", ["[1, 2, 3, 4, 5]", "[1 2 3\n 4 5]"])
@pytest.mark.parametrize("lost", ['"[', ']"'])
def test_quote_that_never_closes_costs_one_row(read, histo, lost):
    rows = [{"histo": histo, "fromlumi": n + 1} for n in range(9)]
    text = csv_text(*rows)
    place = text.index(lost, len(text) // 2)
    broken = text[:place] + lost.replace('"', "") + text[place + 2 :]
    items = read(broken)
    assert [item.lumisection for item in items if isinstance(item, HistogramRecord)] == [
        1,
        2,
        3,
        4,
        6,
        7,
        8,
        9,
    ]
    assert {"unterminated quote"} <= {item.reason for item in items if isinstance(item, BadRow)}


def test_unterminated_quote_at_the_end_of_the_file(read):
    good, bad = read(csv_text({}, {})[:-35])
    assert isinstance(good, HistogramRecord)
    assert bad == BadRow(3, "truncated last line: unterminated quote")


@given(cut=st.integers(100, 280))
def test_wherever_a_file_is_cut_every_row_is_right_or_reported(tmp_path_factory, cut):
    text = csv_text({}, {"fromlumi": 2}, {"histo": "[5 4\n3 2 1]"})
    path = tmp_path_factory.mktemp("cut") / "cut.csv"
    path.write_text(text[:cut])
    items = list(Ml4dqmCsv().read(path))
    for number, item in enumerate(items, 2):
        assert item.line == number
        if isinstance(item, HistogramRecord):
            assert item.counts.tolist() in ([1, 2, 3, 4, 5], [5, 4, 3, 2, 1])


# ML4DQM CSV: files that are refused


@pytest.mark.parametrize("column", sorted(set(TWINS)))
def test_missing_column_is_named(read, column):
    with pytest.raises(ReaderError, match=f"^file.csv: not an ML4DQM CSV, missing column {column}$"):
        read(csv_text({}, header=[name for name in INDEXED if name != column]))


def test_gz_that_is_not_gzip(read):
    with pytest.raises(ReaderError, match=r"^a\.csv\.gz: not gzip in spite of its name$"):
        read(csv_text({}), "a.csv.gz")


def test_damaged_gzip_says_how_far_it_went(read):
    packed = gzip.compress(csv_text(*[{"fromlumi": n} for n in range(3000)]).encode())
    with pytest.raises(ReaderError, match=r"^a\.gz: damaged gzip after line \d+: "):
        read(packed[: len(packed) // 2], "a.gz")
    with pytest.raises(ReaderError, match=r"^a\.gz: damaged gzip after line \d+: "):
        read(packed[:-8] + b"\0" * 8, "a.gz")


# ML4DQM CSV: sizes


def test_row_of_several_megabytes(read):
    zeros = [0] * (1202 * 1002)
    (record,) = read(csv_text({**MAP, "histo": json.dumps(zeros), "Xbins": 1200, "Ybins": 1000}))
    assert record.counts.shape == (1202 * 1002,)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_row_longer_than_the_limit_is_refused_unread(read, quoting):
    stream = io.StringIO()
    long = json.dumps([10**6] * 2000)
    rows = [
        [(GOOD | {"histo": histo})[name] for name in INDEXED]
        for histo in ("[1 2 3 4 5]", long, "[1 2 3 4 5]")
    ]
    csv.writer(stream, quoting=quoting, lineterminator="\n").writerows([INDEXED, *rows])
    first, bad, last = read(stream.getvalue(), max_row_bytes=5000)
    assert bad == BadRow(3, "row longer than 5000 bytes")
    assert (first.line, last.line) == (2, 4)


def test_quoted_field_over_many_lines_is_bounded_too(read):
    items = read(csv_text({"histo": "[" + "1 2 3 4\n" * 2000 + "]"}, {}), max_row_bytes=5000)
    assert items[0] == BadRow(2, "unterminated quote")
    assert isinstance(items[-1], HistogramRecord)


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(csv_text(*[{"fromlumi": n} for n in range(5000)]))
    tracemalloc.start()
    try:
        total = sum(1 for _ in Ml4dqmCsv().read(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 5000
    assert peak < 2e6


def test_a_new_binning_in_every_row_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(ml4dqm_elements, "KEPT", 4)
    elements = ml4dqm_elements.Elements()
    for upper in range(2, 100):
        texts = tuple(str((GOOD | {"Xmax": upper})[name]).encode() for name in ELEMENT)
        assert elements.of(texts)[0].axes[0].upper == upper
        assert len(elements) <= 4


# Round trip


@st.composite
def written(draw) -> tuple[dict, HistogramRecord]:
    """A row as somebody writes it, and the record that it is."""
    counts = draw(st.lists(st.integers(0, 2**60), min_size=3) | st.lists(st.floats(0, 1e12), min_size=3))
    name = draw(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1))
    lower, width = draw(st.floats(-1e6, 1e6)), draw(st.floats(1e-3, 1e6))
    run, lumisection = draw(st.integers(1, 2**31 - 1)), draw(st.integers(0, 5000))
    with np.printoptions(threshold=10**6, floatmode="unique"):
        histo = draw(st.sampled_from([json.dumps(counts), str(np.array(counts))]))
    axis = Axis(lower, lower + width, len(counts) - 2)
    row = {"fromrun": run, "fromlumi": lumisection, "hname": name, "histo": histo, "entries": 7.5}
    row |= {"Xmin": axis.lower, "Xmax": axis.upper, "Xbins": axis.bins}
    storage = "int64" if all(float(count).is_integer() for count in counts) else "double"
    element = Element(name, (axis,), storage, "TH1F")
    dtype = np.int64 if storage == "int64" else np.float64
    return row, HistogramRecord(2, run, lumisection, element, 7.5, np.array(counts, dtype))


@given(pair=written(), header=st.sampled_from([TWINS, INDEXED]), end=st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_comes_back(tmp_path_factory, pair, header, end):
    row, expected = pair
    path = tmp_path_factory.mktemp("trip") / "trip.csv"
    path.write_bytes(csv_text(row, {}, header=header, end=end).encode())
    record, _ = Ml4dqmCsv().read(path)
    assert same(record, expected), record


# Real files


@pytest.fixture
def real() -> Path:
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA is not set")
    return Path(folder) / "cms"


def test_real_1d_file(real):
    (path,) = (real / "hist1d").glob("*.csv")
    records = list(Ml4dqmCsv().read(path))
    assert [(record.run, record.lumisection) for record in records] == [(315488, 229)] * 9
    assert records[0].counts[-1] == 2015  # its overflow bin
    assert {record.element.cells for record in records} == {102}
    # StoNCorr is filled with weight one, hence all entries are in the bins
    assert records[0].counts.sum() == records[0].entries == 78001


def test_real_maps(real):
    (path,) = (real / "hist2d").glob("*.csv.gz")
    records = list(Ml4dqmCsv().read(path))
    assert len(records) == 32
    assert {record.element.axes for record in records} == {(Axis(-30, 30, 300), Axis(-3.2, 3.2, 200))}
    assert len({id(record.element) for record in records}) == 2
    assert all(record.counts.sum() == record.entries for record in records)
