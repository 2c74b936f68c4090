"""The steps of the demonstration that need the folder of real files, which users do not have."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from histos import tasks as histos
from lightcurves import tasks as lightcurves
from project.errors import UserError
from project.jobs.reporter import Reporter
from runs import tasks as runs

Run = Callable[[Reporter], dict[str, Any]]
CRTS = {"id": "ID", "time": "MJD", "value": "Mag", "error": "Magerr", "band_name": "V", "unit": "mag"}
ZTF = {
    "time": "mjd", "value": "mag", "error": "magerr", "band": "filtercode", "flag": "catflags", "id": "oid",
    "unit": "abmag",
}  # fmt: skip


def steps(folder: Path) -> Iterator[tuple[str, Run]]:
    """A step for every kind of real file in ``folder``."""
    yield "real CMS runs", _files(runs.load_runs, folder, "cms/oms/*.json", reader="oms-columnar")
    golden = {"reader": "golden-json"}
    yield "real golden files", _files(runs.load_certifications, folder, "cms/golden/Cert_*.json", **golden)
    yield (
        "real 1D histograms",
        _files(histos.load_histos, folder, "cms/hist1d/*.csv", reader="ml4dqm-csv", dataset="ZeroBias"),
    )
    yield (
        "real maps",
        _files(histos.load_histos, folder, "cms/hist2d/*.csv.gz", reader="ml4dqm-csv", dataset="ZeroBias"),
    )
    yield "CRTS", _curves(folder, "crts/CRTS_*.csv", "CRTS", CRTS)
    yield "ZTF", _curves(folder, "ztf/*.csv", "ZTF", ZTF)


def _found(folder: Path, pattern: str) -> list[str]:
    paths = sorted(map(str, folder.glob(pattern)))
    if not paths:
        raise UserError(f"LUMISIFT_REAL_DATA={folder} holds no {pattern}")
    return paths


def _files(task: Any, folder: Path, pattern: str, **kwargs: Any) -> Run:
    return lambda reporter: task.func(paths=_found(folder, pattern), reporter=reporter, **kwargs)


def _curves(folder: Path, pattern: str, name: str, columns: dict[str, str]) -> Run:
    into = {"catalog": name, "survey": name}
    return _files(lightcurves.load_light_curves, folder, pattern, survey="table", options=columns, into=into)
