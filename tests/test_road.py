"""The road from a file to the API: what a command loads comes back bin for bin, flow bins included."""

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client

HEADER = [
    "fromrun", "fromlumi", "hname", "fromrun", "fromlumi", "metype", "hname", "histo", "entries",
    "Xmax", "Xmin", "Xbins", "Ymax", "Ymin", "Ybins",
]  # fmt: skip


def row(
    name: str, histo: list[int], x: tuple[float, float, int], y: tuple[float, float, int]
) -> list[object]:
    metype = 3 if y[2] == 1 else 6
    where = [315488, 229]
    return [
        *where,
        name,
        *where,
        metype,
        name,
        json.dumps(histo),
        sum(histo),
        x[1],
        x[0],
        x[2],
        y[1],
        y[0],
        y[2],
    ]


def write(path: Path, rows: list[list[object]]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["histos.csv", "histos.csv.gz"])
def test_from_a_file_to_the_api(tmp_path: Path, name: str, client: Client, viewer: object) -> None:
    rng = np.random.default_rng(0)
    line = rng.poisson(40, 12).tolist()
    plane = rng.poisson(3, (6 + 2) * (4 + 2)).tolist()
    rows = [row("line", line, (-0.5, 9.5, 10), (0, 1, 1)), row("plane", plane, (0, 4, 4), (-3, 3, 6))]
    call_command(
        "load_histos", str(write(tmp_path / name, rows)), "--reader", "ml4dqm-csv", "--dataset", "ZeroBias"
    )
    client.force_login(viewer)  # type: ignore[arg-type]
    url = "/api/v1/lumisection-histograms/?run=315488&lumisection=229&dataset=ZeroBias"
    found = {one["element"]: one for one in client.get(url).json()["results"]}
    assert found["line"]["counts"] == line
    assert found["plane"]["counts"] == plane
    assert found["plane"]["entries"] == sum(plane)


def test_the_real_files_come_back(real_data: Path, client: Client, viewer: object, capsys: object) -> None:
    files = {"1d": real_data / "cms/hist1d", "2d": real_data / "cms/hist2d"}
    for folder in files.values():
        paths = sorted(map(str, folder.glob("*.csv*")))
        call_command("load_histos", *paths, "--reader", "ml4dqm-csv", "--dataset", "ZeroBias", "--json")
    last = json.loads(capsys.readouterr().out.strip().splitlines()[-1])  # type: ignore[attr-defined]
    assert (last["stored"], last["rejected"], last["conflicts"]) == (32, 0, 0)
    client.force_login(viewer)  # type: ignore[arg-type]
    csv.field_size_limit(1 << 24)
    checked = 0
    for folder in files.values():
        for path in folder.glob("*.csv*"):
            with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as stream:
                for record in csv.DictReader(stream):
                    wanted = (
                        f"run={record['fromrun']}&lumisection={record['fromlumi']}&element={record['hname']}"
                    )
                    (one,) = client.get(f"/api/v1/lumisection-histograms/?{wanted}").json()["results"]
                    assert one["counts"] == json.loads(record["histo"])
                    checked += 1
    assert checked == 9 + 32
