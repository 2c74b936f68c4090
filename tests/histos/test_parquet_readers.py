"""Parquet of dqmiotools and of the DIALS client: no flow bins, and two ways to put a map into a list."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from histos.readers.dials import DialsParquet
from histos.readers.dqmiotools import DqmioToolsParquet
from histos.records import Axis
from project.records import BadRow, Passed, ReaderError

DATA = Path(__file__).parent.parent / "data" / "histos"
ROW = {"fromrun": 1, "fromlumi": 2, "hname": "a_b_c", "metype": 3, "histo": [1, 2, 3], "entries": 6,
       "Xmin": 0.0, "Xmax": 3.0, "Xbins": 3, "Ymin": 0.0, "Ymax": 0.0, "Ybins": 0}  # fmt: skip
MAP = {"metype": 6, "histo": [1, 2, 3, 4, 5, 6], "Ymax": 2.0, "Ybins": 2}
DIALS = {"dataset_id": 1, "file_id": 2, "run_number": 1, "ls_number": 2, "me_id": 3, "x_min": 0.0, "x_max": 3.0,
         "x_bin": 3, "entries": 6, "data": [1.0, 2.0, 3.0], "me": "A/b",
         "dataset": "/ZeroBias/Run2024B-v1/DQMIO"}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def read(*rows, reader=None, base=ROW):
        path = tmp_path / "file.parquet"
        pd.DataFrame([base | row for row in rows]).to_parquet(path)
        return list((reader or DqmioToolsParquet()).read(path))

    return read


def test_flow_bins_that_the_file_does_not_hold_are_0_and_marked_as_unknown(read):
    (record,) = read({})
    assert record.counts.tolist() == [0, 1, 2, 3, 0]
    assert record.element.axes == (Axis(0, 3, 3, flow=False),)


def test_lists_that_hold_flow_bins_keep_them(read):
    (record,) = read({"histo": [9, 1, 2, 3, 8]})
    assert record.counts.tolist() == [9, 1, 2, 3, 8]
    assert record.element.axes == (Axis(0, 3, 3),)


def test_maps_of_dqmiotools_are_x_slow_and_stored_y_slow(read):
    (record,) = read(MAP)
    assert record.counts.reshape(4, 5)[1:3, 1:4].tolist() == [[1, 3, 5], [2, 4, 6]]
    assert record.counts.sum() == 21


def test_names_with_underscores_for_slashes_stay_as_they_are(read):
    (record,) = read({"hname": "PixelPhase1_Tracks_charge_PXLayer_1"})
    assert record.name == "PixelPhase1_Tracks_charge_PXLayer_1"


def test_both_parquet_layouts_hold_the_same_maps():
    ours = {
        (item.run, item.lumisection, len(item.element.axes)): item
        for item in DqmioToolsParquet().read(DATA / "dqmiotools-parquet.parquet")
    }
    for item in DialsParquet().read(DATA / "dials-parquet.parquet"):
        assert np.array_equal(item.counts, ours[item.run, item.lumisection, len(item.element.axes)].counts)


def test_fractions_belong_to_the_double_twin(read):
    whole, part = read({"histo": [1.0, 2.0, 3.0]}, {"histo": [0.5, 2.0, 3.0]})
    assert (whole.element.storage, part.element.storage) == ("int64", "double")
    assert whole.counts.dtype == np.int64


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"histo": [1, 2]}, "wrong length: 2 values, expected 3, or 5 with flow bins"),
        ({"histo": [1, -2, 3]}, "negative count -2 in bin 1"),
        ({"histo": [1.0, float("inf"), 3.0]}, "non-finite count in bin 1"),
        ({"histo": None}, "its list of bins is missing, or holds what is no number"),
        ({"metype": 9}, "unknown metype '9', expected 3 to 8"),
        ({"fromrun": 0}, "run is 0, expected a whole number from 1"),
        ({"fromlumi": -1}, "lumisection is -1, expected a whole number from 0"),
        ({"entries": -1}, "negative entries: -1"),
        ({"Xmin": 3.0}, "the x axis goes from 3 to 3"),
        ({"Xbins": 0}, "x_bins is 0, expected a whole number from 1"),
        ({"hname": " "}, "the name is ' '"),
    ],
)
def test_a_wrong_row_is_reported_with_its_number_and_the_others_are_read(read, row, reason):
    first, bad = read({}, row)
    assert not isinstance(first, BadRow)
    assert bad == BadRow(2, reason)


def test_dials_rows_of_1d_histograms_have_no_y_axis(read):
    (record,) = read({}, reader=DialsParquet(), base=DIALS)
    assert (record.run, record.lumisection, record.name) == (1, 2, "A/b")
    assert record.counts.tolist() == [0, 1, 2, 3, 0]


def test_dials_rows_of_another_dataset_are_passed_over_and_told(read):
    reader = DialsParquet()
    reader.dataset = DIALS["dataset"]
    record, told = read({}, {"dataset": "/JetHT/Run2024B-v1/DQMIO"}, reader=reader, base=DIALS)
    assert record.line == 1
    assert told == Passed(
        0, "1 rows are of dataset /JetHT/Run2024B-v1/DQMIO: load them with --dataset /JetHT/Run2024B-v1/DQMIO"
    )


def test_a_dials_file_names_its_datasets():
    assert DialsParquet().datasets(DATA / "dials-parquet.parquet") == [
        "/ZeroBias/Run2023C-PromptReco-v1/DQMIO"
    ]


def test_another_parquet_is_refused_with_the_missing_columns(tmp_path):
    path = tmp_path / "other.parquet"
    pd.DataFrame([{"fromrun": 1}]).to_parquet(path)
    with pytest.raises(
        ReaderError, match=r"^other.parquet: not dqmiotools-parquet, missing column fromlumi, hname, "
    ):
        list(DqmioToolsParquet().read(path))


def test_columns_of_another_type_are_told_row_by_row(read):
    rows = read({"fromrun": "one", "histo": "[1, 2, 3]"})
    assert rows == [BadRow(1, "its list of bins is missing, or holds what is no number")]
