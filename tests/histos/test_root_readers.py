"""DQMIO and plain ROOT files: every type, flow bins, uneven bins, and what is wrong with a file."""

import os
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st
from isal import isal_zlib

from histos.readers.dqmio import POLYGONS, TREES, Dqmio, index
from histos.readers.root_keys import RootKeys
from histos.readers.root_streams import StreamError, histogram
from histos.records import Axis
from project.records import BadRow, Passed, ReaderError

DATA = Path(__file__).parent.parent / "data" / "histos"
REST = DATA / "dqmio_rest.root"
TOP = "PixelPhase1/Tracks/PXBarrel/"


def records(path=DATA / "dqmio.root", reader=None):
    """By run, lumisection and leaf name."""
    items = list((reader or Dqmio()).read(path))
    assert not [item for item in items if isinstance(item, BadRow)]
    found = [item for item in items if not isinstance(item, Passed)]
    return {(item.run, item.lumisection, item.name.removeprefix(TOP)): item for item in found}


def test_every_type_of_one_or_two_axes_is_read():
    classes = {
        record.element.root_class for path in (DATA / "dqmio.root", REST) for record in records(path).values()
    }
    assert classes == {
        "TH1F",
        "TH1S",
        "TH1D",
        "TH1I",
        "TH2F",
        "TH2S",
        "TH2D",
        "TH2I",
        "TProfile",
        "TProfile2D",
    }


@pytest.mark.parametrize("tree", ["TH2Fs", "TProfiles"])
def test_contents_are_those_that_uproot_reads_by_itself(tree):
    read = records()
    with uproot.open(DATA / "dqmio.root") as file:
        rows = file["Indices"].arrays(["Run", "Lumi", "Type", "FirstIndex", "LastIndex"], library="np")
        names, values = (file[tree][branch].array(library="np") for branch in ("FullName", "Value"))
        for run, lumi, kind, first, last in zip(*rows.values(), strict=True):
            for row in range(int(first), int(last) + 1) if TREES[kind] == tree else ():
                record = read[run, lumi, names[row].removeprefix(TOP)]
                assert np.allclose(record.counts, values[row].values(flow=True).T.ravel())
                assert record.entries == values[row].member("fEntries")


def test_1d_contents_are_those_that_uproot_reads_with_the_header_put_back():
    record = records()[360001, 1, "charge_PXLayer_1"]
    with uproot.open(DATA / "dqmio.root") as file:
        basket = file["TH1Fs"]["Value"].basket(0)
        data = bytes(basket.data[: basket.byte_offsets[1]])
        whole = struct.pack(">IH", (len(data) + 2) | 0x40000000, 3) + data
        chunk = uproot.source.chunk.Chunk.wrap(file.file.source, np.frombuffer(whole, np.uint8))
        cursor = uproot.source.cursor.Cursor(0)
        theirs = file.file.class_named("TH1F", 3).read(chunk, cursor, {}, file.file, file.file, None)
    assert np.array_equal(record.counts, theirs.values(flow=True))
    assert record.entries == theirs.member("fEntries") == record.counts.sum()


def test_flow_bins_are_kept():
    counts = records()[360001, 1, "residual_PXLayer_1"].counts
    assert counts[0] > 0
    assert counts[-1] > 0
    around = records()[360001, 1, "position_PXLayer_1"].counts.reshape(6, 8)
    assert around[0].sum() + around[-1].sum() + around[:, 0].sum() + around[:, -1].sum() > 0


def test_uneven_bins_keep_their_edges():
    assert records()[360001, 1, "pt"].element.axes == (Axis(0, 20, 5, (0, 1, 2, 5, 10, 20)),)


def test_squared_weights_make_an_element_weighted_and_profiles_hold_means():
    read = records()
    assert read[360001, 1, "weighted"].element.storage == "weighted"
    profile = read[360001, 1, "profile"]
    assert profile.element.storage == "mean"
    assert np.all(np.abs(profile.counts[1:-1] - 3) < 1.5)  # filled with a mean of 3 and a width of 1


def test_lumisection_0_is_the_whole_run_and_a_file_holds_several_runs():
    assert {key[:2] for key in records()} == {(360001, 1), (360001, 0), (360002, 7)}


def test_titles_and_axis_labels_are_kept():
    element = records()[360001, 1, "charge_PXLayer_1"].element
    assert (element.title, element.labels) == ("Charge", ("Charge (electrons)",))


def test_what_is_no_such_histogram_is_counted_not_dropped_in_silence():
    said = [
        item
        for path in (DATA / "dqmio.root", REST)
        for item in Dqmio().read(path)
        if isinstance(item, Passed)
    ]
    assert [(item.line, item.reason.split(":")[0]) for item in said] == [
        (0, "1 Floats"), (0, "1 Ints"), (0, "1 Strings"), (0, "3 TH3Fs"),
    ]  # fmt: skip


def test_lines_do_not_depend_on_the_elements_that_are_wanted():
    reader = Dqmio()
    reader.elements = (f"{TOP}p?", "*position*")
    chosen = records(reader=reader)
    assert {key[2] for key in chosen} == {"pt", "position_PXLayer_1"}
    everything = records()
    assert all(everything[key].line == record.line for key, record in chosen.items())


class Tree:
    """A tree as ``index`` sees it."""

    def __init__(self, columns: dict, rows: int = 10) -> None:
        self.columns, self.num_entries = columns, rows

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def arrays(self, names: list[str], library: str) -> dict:
        return {name: np.array(self.columns[name], np.uint64) for name in names}


def indices(*rows: tuple[int, ...]) -> Tree:
    columns = zip(*rows, strict=True)
    return Tree(dict(zip(("Run", "Lumi", "Type", "FirstIndex", "LastIndex"), columns, strict=True)))


@pytest.mark.parametrize(("polygons", "expected"), [(False, "TH3Fs"), (True, "TH2Polys")])
def test_types_are_numbered_as_the_release_that_wrote_the_file_did(polygons, expected):
    file = {
        "Indices": indices((1, 1, 9, 0, 0)),
        **({POLYGONS: Tree({})} if polygons else {}),
        "TH3Fs": Tree({}),
    }
    assert [stretch.tree for stretch in index(file, list(file), "f.root")] == [expected]


def test_empty_stretches_are_passed_over_whatever_their_last_row_wraps_to():
    file = {
        "Indices": indices((1, 1, 3, 0, 2**64 - 1), (1, 2, 1000, 0, 0), (1, 3, 3, 0, 0)),
        "TH1Fs": Tree({}),
    }
    assert [stretch.lumisection for stretch in index(file, list(file), "f.root")] == [3]


def test_an_index_that_leads_out_of_its_tree_is_refused_with_its_row():
    file = {"Indices": indices((1, 1, 3, 0, 3), (1, 2, 3, 4, 10)), "TH1Fs": Tree({})}
    with pytest.raises(ReaderError, match=r"^f.root: Indices, row 2: rows 4 to 10 of TH1Fs, which has 10$"):
        index(file, list(file), "f.root")


def test_a_foreign_root_file_is_refused_with_the_reader_that_may_know_it():
    with pytest.raises(
        ReaderError, match=r"^root.root: not DQMIO, there is no tree Indices: try --reader root$"
    ):
        list(Dqmio().read(DATA / "root.root"))
    with pytest.raises(ReaderError, match=r"^dqmio.root: there is no histogram among its 9 keys$"):
        list(RootKeys().read(DATA / "dqmio.root"))


def test_a_truncated_root_file_is_one_clear_error(tmp_path):
    path = tmp_path / "cut.root"
    path.write_bytes((DATA / "dqmio.root").read_bytes()[:-100])
    with pytest.raises(ReaderError, match=r"^cut.root: truncated ROOT file: [\d,]+ of [\d,]+ bytes$"):
        list(Dqmio().read(path))


def test_baskets_are_unpacked_with_isal(monkeypatch):
    """uproot might look elsewhere one day; nobody would notice but by the clock."""
    sizes, plain = [], isal_zlib.decompress

    def counted(data, **named):
        sizes.append(len(data))
        return plain(data, **named)

    monkeypatch.setattr(isal_zlib, "decompress", counted)
    assert records()
    assert sizes


def test_a_basket_that_is_damaged_is_one_clear_error(tmp_path):
    path = tmp_path / "damaged.root"
    whole = bytearray((DATA / "dqmio.root").read_bytes())
    at = (
        whole.find(b"ZL\x08", len(whole) // 4) + 11
    )  # behind its header: two bytes of zlib's own and the first block
    whole[at : at + 200] = bytes(200)
    path.write_bytes(whole)
    with pytest.raises(ReaderError, match=r"^damaged.root: damaged ROOT file: .+$"):
        list(Dqmio().read(path))


@pytest.fixture(scope="module")
def streamed():
    """The bytes of a real histogram of each class."""
    found = {}
    for path in (DATA / "dqmio.root", REST):
        with uproot.open(path) as file:
            for name in file.keys(cycle=False):
                if (name[:2] == "TH" and name[2] != "3") or name.startswith("TP"):
                    basket = file[name]["Value"].basket(0)
                    found[name[:-1]] = bytes(basket.data[: basket.byte_offsets[1]])
    return found


def test_the_bytes_are_those_of_every_class(streamed):
    assert {name: len(histogram(data, name).axes) for name, data in streamed.items()} == {
        "TH1F": 1, "TH1S": 1, "TH1D": 1, "TH1I": 1, "TProfile": 1,
        "TH2F": 2, "TH2S": 2, "TH2D": 2, "TH2I": 2, "TProfile2D": 2,
    }  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_are_an_error_and_never_a_crash(streamed, data):
    name = data.draw(st.sampled_from(sorted(streamed)))
    whole = streamed[name]
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 8)) :]
    with suppress(StreamError):
        read = histogram(broken, name)
        assert len(read.contents) == np.prod([axis.bins + 2 for axis in read.axes])


def test_keys_of_a_plain_file_tell_run_lumisection_and_name():
    items = list(RootKeys().read(DATA / "root.root"))
    found = [(item.run, item.lumisection, item.name) for item in items if not isinstance(item, Passed)]
    assert found == [
        (367094, 0, "Tracking/TrackParameters/Chi2_GenTk"),
        (367094, 3, "Tracking/TrackParameters/Chi2_GenTk"),
        (367094, 1, "PixelPhase1_Tracks_charge"),
        (367094, 2, "PixelPhase1_Tracks_charge"),
    ]
    assert [item.reason.split(":")[0] for item in items if isinstance(item, Passed)] == [
        "1 TObjString", "1 histograms of several lumisections together",
    ]  # fmt: skip


def plain(path: Path) -> Path:
    with uproot.recreate(path) as file:
        file["folder/pt"] = np.histogram([1.0, 2.0, 2.5], bins=3, range=(0, 3))
    return path


def test_a_plain_file_without_a_run_wants_to_be_told(tmp_path):
    path = plain(tmp_path / "plain.root")
    with pytest.raises(ReaderError, match=r"^plain.root: folder/pt names no run: say it with --run$"):
        list(RootKeys().read(path))
    (record,) = RootKeys(run=5, lumisection=7).read(path)
    assert (record.run, record.lumisection, record.name) == (5, 7, "folder/pt")
    assert record.counts.tolist() == [0, 0, 1, 2, 0]


def test_a_run_that_is_told_must_be_that_of_the_keys():
    with pytest.raises(ReaderError, match="is of run 367094, not 5"):
        list(RootKeys(run=5).read(DATA / "root.root"))


@pytest.mark.parametrize(
    "options", [{"run": 0}, {"run": 2**31}, {"lumisection": 3}, {"run": 1, "lumisection": -1}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ValueError, match=r"run|lumisection"):
        RootKeys(**options)


def test_real_root_files_hold_what_their_parquet_twins_hold():
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA is not set")
    from histos.readers.dqmiotools import DqmioToolsParquet

    paths = sorted(Path(folder).glob("cms/dqmio/*.root"))
    assert len(paths) == 3
    for path in paths:
        roots = list(RootKeys().read(path))
        tables = list(DqmioToolsParquet().read(path.with_suffix(".parquet")))
        assert len(roots) == len(tables)
        for root, table in zip(roots, tables, strict=True):
            assert (root.run, root.lumisection, root.name, root.entries) == (
                table.run, table.lumisection, table.name, table.entries,
            )  # fmt: skip
            assert np.array_equal(root.counts, table.counts)


@pytest.mark.slow
def test_a_file_that_root_writes_now_is_read_as_root_reads_it(tmp_path):
    """Needs ``pip install root``, which is no requirement of this site."""
    ROOT = pytest.importorskip("ROOT")
    from tests.histos.dqmio_files import sample

    read = records(sample(ROOT, tmp_path / "now.root"))
    file = ROOT.TFile(str(tmp_path / "now.root"))
    seen = 0
    for row in file["Indices"]:
        tree = file[TREES[row.Type]]
        for number in range(row.FirstIndex, row.LastIndex + 1):
            tree.GetEntry(number)
            record = read.get((row.Run, row.Lumi, str(tree.FullName).removeprefix(TOP)))
            if record is not None:
                theirs = [tree.Value.GetBinContent(cell) for cell in range(len(record.counts))]
                assert np.allclose(record.counts, theirs)
                seen += 1
    assert seen == len(read)
