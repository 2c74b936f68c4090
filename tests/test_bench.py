"""The bench runs and keeps what it measured; how fast anything is, no test says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bench.large import addresses, fill
from bench.large_input import Size
from bench.measure import Line, Pairs, Scale, Timing
from bench.rows import ROWS
from bench.table import table
from histos.models import LumisectionHistogram
from runs.models import Certification
from tests.conftest import ROOT, clean_environment

pytestmark = pytest.mark.sqlite_only


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, env=clean_environment(),
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_quick_rows_run_and_write_json(tmp_path: Path) -> None:
    done = bench("--quick", "--database", "sqlite", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (written,) = tmp_path.glob("*.json")
    result = json.loads(written.read_text())
    assert {line["row"] for line in result["lines"]} == {row.name for row in ROWS.values() if row.quick}
    # So few rows may take no more memory than fewer still.
    assert all(line["ours"] > 0 or line["unit"] == "MB" for line in result["lines"])
    assert all(line["met"] is None for line in result["lines"])
    for name in ("commit", "dirty", "python", "numpy", "django", "sqlite", "cpus"):
        assert name in result
    assert all(line["work"] in done.stdout for line in result["lines"])


def test_an_unknown_row_is_refused_with_those_there_are() -> None:
    done = bench("load_everything")
    assert done.returncode == 2
    assert "no row load_everything; there is load_1d" in done.stderr


def test_a_ratio_is_that_of_the_medians_with_its_extremes() -> None:
    ours = [Timing(wall, wall) for wall in (4.0, 2.0, 3.0)]
    pairs = Pairs(ours, [Timing(1.0, 0.5)] * 3)
    line = pairs.line("work", 2.5)
    assert (line.ratio, line.low, line.high, line.cpu_ratio) == (3.0, 2.0, 4.0, 6.0)
    assert (line.target, line.met, line.runs) == ("≤ 2.5 ×", False, 3)
    assert pairs.line("work", 3).met
    assert pairs.line("work").met is None


def test_the_table_tells_ratio_target_and_verdict() -> None:
    line = {"database": "sqlite", **vars(Pairs([Timing(3.0, 3.0)], [Timing(2.0, 2.0)]).line("load it", 1.2))}
    text = table([line, {"database": "sqlite", **vars(Line(work="know it", ours=1234.0, unit="MB"))}])
    assert "load it [sqlite]" in text
    assert "1.50 (1.50 – 1.50)" in text
    assert "MISSED" in text
    assert "1,234 MB" in text


def test_a_full_run_measures_more_only_where_there_is_more() -> None:
    assert [Scale(name, 1).pick(1, 2, 3) for name in ("quick", "normal", "full")] == [1, 2, 3]
    assert Scale("full", 1).pick(1, 2) == 2


@pytest.mark.django_db
def test_the_pages_of_a_long_run_are_found_in_what_the_loaders_stored(
    tmp_path: Path, client: Client, viewer: Any
) -> None:
    size = Size(lumisections=60, histograms=12, maps=1)
    fill(tmp_path, size)
    assert LumisectionHistogram.objects.visible().count() == size.lumisections * size.elements
    assert Certification.objects.visible().values("flag").distinct().count() == 3
    client.force_login(viewer)
    pages = addresses(size)
    for kind, path in pages.items():
        assert client.get(path).status_code == 200, kind
    assert "score" in client.get(pages["run with scores"].replace("?", "figure.json?")).content.decode()
