"""Every kind of column of every list comes out of a file as it went in, and nothing that the API hides does."""

import csv
import io
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pyarrow import ipc

from detections.models import SampleSet
from lightcurves.models import Catalog, LightCurve, Source, Survey
from project.api import LISTS
from project.exports.chunks import MOST_CELLS, Cells, Chunk
from project.models import Job
from project.ragged import Vectors
from project.vectors import encode
from runs.models import Lumisection, Run

pytestmark = pytest.mark.django_db

START = datetime(2018, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


def get(client: Client, url: str) -> bytes:
    answer = client.get(f"/api/v1/{url}")
    assert answer.status_code == 200, answer.content
    return b"".join(answer)


def arrow(client: Client, url: str) -> list[dict[str, Any]]:
    return ipc.open_stream(get(client, url)).read_all().to_pylist()


@pytest.fixture
def runs() -> list[Run]:
    """One with all its columns, one with none of those that may be missing."""
    full = Run.objects.create(
        number=1, start_time=START, fill_number=7, era="=A", energy=6800.0, simulated=True
    )
    Lumisection.objects.create(run=full, number=1, pileup=0.1, flags={"dcs": True, "prescale": [1, None]})
    return [full, Run.objects.create(number=2)]


def test_times_truths_and_what_is_missing_keep_their_types(client: Client, runs: list[Run]) -> None:
    full, bare = arrow(client, "runs/?format=arrow")
    assert (full["start_time"], full["fill_number"], full["simulated"]) == (START, 7, True)
    assert (full["energy"], full["era"]) == (6800.0, "=A")
    assert (bare["start_time"], bare["fill_number"], bare["simulated"], bare["era"]) == (
        None,
        None,
        False,
        "",
    )
    lines = get(client, "runs/?format=csv&fields=number,start_time,fill_number,era,simulated").decode()
    assert lines.splitlines() == [
        "number,start_time,fill_number,era,simulated",
        "1,2018-05-01T12:00:00.250000Z,7,'=A,true",
        "2,,,,false",
    ]


def test_json_columns_are_json(client: Client, runs: list[Run]) -> None:
    expected = {"dcs": True, "prescale": [1, None]}
    (row,) = arrow(client, "lumisections/?format=arrow")
    assert (json.loads(row["flags"]), row["run"], row["pileup"]) == (expected, 1, 0.1)
    (line,) = csv.DictReader(io.StringIO(get(client, "lumisections/?format=csv").decode(), newline=""))
    assert json.loads(line["flags"]) == expected


@pytest.fixture
def light_curves() -> list[LightCurve]:
    catalog, survey = Catalog.objects.create(name="c"), Survey.objects.create(name="s")
    made = []
    for number in (2, 3):
        source = Source.objects.create(catalog=catalog, name=f"source {number}")
        time = np.arange(number) + 58_000.1
        made.append(
            LightCurve.objects.create(
                source=source, survey=survey, band="V", time=time, value=time / 7, error=time * np.nan,
                flag=np.arange(number), n_points=number, time_min=time[0], time_max=time[-1],
            )
        )  # fmt: skip
    return made


def test_light_curves_come_with_their_points_where_asked(
    client: Client, light_curves: list[LightCurve]
) -> None:
    assert "time" not in arrow(client, "light-curves/?format=arrow")[0]
    rows = arrow(client, "light-curves/?format=arrow&fields=source,time,value,error,flag")
    for row, curve in zip(rows, light_curves, strict=True):
        assert row["source"] == curve.source.name
        for name in ("time", "value", "error", "flag"):
            assert np.array_equal(row[name], getattr(curve, name), equal_nan=True)


def test_light_curves_for_numpy_hold_all_points_without_being_asked(
    client: Client, light_curves: list[LightCurve]
) -> None:
    arrays = np.load(io.BytesIO(get(client, "light-curves/?format=npz")), allow_pickle=False)
    assert arrays["time_offsets"].tolist() == [0, 2, 5]
    assert np.array_equal(arrays["time"], np.concatenate([curve.time for curve in light_curves]))
    assert arrays["flag"].dtype.kind == "u"
    assert arrays["source"].tolist() == ["source 2", "source 3"]
    one = np.load(io.BytesIO(get(client, "light-curves/?format=npz&source=source 3")), allow_pickle=False)
    assert one["time"].shape == (1, 3)


def test_missing_numbers_times_and_texts_for_numpy(
    client: Client, runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LISTS["runs"], "formats", ("json", "npz"))
    arrays = np.load(io.BytesIO(get(client, "runs/?format=npz")), allow_pickle=False)
    assert np.array_equal(arrays["fill_number"], [7, np.nan], equal_nan=True)
    assert arrays["number"].dtype == np.dtype("<i8")
    assert arrays["simulated"].tolist() == [True, False]
    assert arrays["start_time"][0] == np.datetime64("2018-05-01T12:00:00.25")
    assert np.isnat(arrays["start_time"][1])
    assert arrays["era"].tolist() == ["=A", ""]


def test_what_the_api_hides_no_file_shows(client: Client) -> None:
    Job.objects.create(task="some.task", kwargs={"paths": ["/secret/place/a.csv"]})
    for format_ in ("json", "csv", "arrow", "parquet"):
        content = get(client, f"jobs/?format={format_}&fields=id,kwargs,log")
        assert b"/secret/place" not in content
        assert b"a.csv" in content


def test_packed_texts_of_a_sample_set_are_lists(client: Client) -> None:
    SampleSet.objects.create(
        name="set", hash="h", world="histograms", kind="histograms", recipe={}, split="holdout", n_samples=2,
        n_scores=2, n_groups=1, n_fit=1, n_score=1, keys=zlib.compress(b"a\nb"), groups=zlib.compress(b"g\ng"),
        roles=[0, 1], folds=[0, 0],
    )  # fmt: skip
    expected = {"keys": ["a", "b"], "roles": [0, 1], "truth": None}
    assert arrow(client, "sample-sets/?format=arrow&fields=keys,roles,truth") == [expected]
    page = json.loads(get(client, "sample-sets/?fields=keys,roles,truth"))
    assert page["results"] == [expected]


@pytest.mark.parametrize("name", ["detectors", "injections", "metrics"])
def test_registries_are_tables_too(name: str, client: Client) -> None:
    listed = json.loads(get(client, f"{name}/"))["results"]
    rows = arrow(client, f"{name}/?format=arrow")
    assert [row["name"] for row in rows] == [one["name"] for one in listed]
    lines = list(csv.DictReader(io.StringIO(get(client, f"{name}/?format=csv").decode(), newline="")))
    assert [line["name"] for line in lines] == [one["name"] for one in listed]


def test_large_rows_come_in_pieces_and_none_is_cut() -> None:
    blob, large = encode(np.zeros(MOST_CELLS // 3, int)), encode(np.zeros(2 * MOST_CELLS, int))
    vectors = Vectors([blob, blob, blob, blob, large, blob])
    pieces = list(Chunk(6, {"counts": vectors, "id": Cells([0, 1, 2, 3, 4, 5])}).pieces())
    assert [list(piece.cells["id"]) for piece in pieces] == [[0, 1, 2], [3], [4], [5]]
