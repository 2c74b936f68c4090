"""Memory of ``load_histos`` on a large file, as the system counts it."""

import os
import subprocess
import sys
import time

from bench import inputs, scratch
from bench.measure import Line, Scale
from bench.rows.base import Row
from bench.rows.loading import DATASET
from bench.versions import ROOT

MOST_MB = 300
MANAGE = ROOT / "manage.py"


def measure(scale: Scale) -> list[Line]:
    scratch.fresh()
    wanted = scale.pick(10, 300, 2_000) << 20
    path = scratch.folder() / "large.csv"
    rows = 1_000
    rows = wanted * rows // inputs.write_histograms(path, rows).stat().st_size
    inputs.write_histograms(path, rows)
    size = path.stat().st_size
    start = time.perf_counter()
    megabytes = peak_of("load_histos", str(path), "--reader", "ml4dqm-csv", "--dataset", DATASET)
    path.unlink()
    return [Line(
        work=f"memory while loading a file of {size / 1e6:,.0f} MB", ours=megabytes, unit="MB",
        target=f"≤ {MOST_MB} MB", met=megabytes <= MOST_MB,
        note=f"{rows:,} histograms in {time.perf_counter() - start:.0f} s",
    )]  # fmt: skip


def peak_of(*command: str) -> float:
    """The largest resident size, in MB, of one of our commands in a process of its own."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, MANAGE, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command[0]} ended with {process.returncode}"
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


ROW = Row("memory", "a fixed size", measure, databases=("sqlite",), quick=False)
