"""The client in docs/examples and its curl twin, against a site that is served: what the documentation shows, works."""

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from detections.models import SampleSet, Trial
from detections.querysets import scores_of
from detections.services import freeze_samples
from histos.models import LumisectionHistogram, MonitoringElement
from project.tokens import services as tokens
from tests.conftest import ROOT
from tests.histos.csv_files import write
from tests.histos.loads import load

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def lumisift_client() -> Any:
    spec = spec_from_file_location("lumisift_client", EXAMPLES / "lumisift_client.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def token(expert: Any) -> str:
    return tokens.make(expert, "example", "write")[1]


@pytest.fixture
def site(lumisift_client: Any, live_server: Any, token: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(lumisift_client.time, "sleep", lambda seconds: None)
    return lumisift_client.Site(live_server.url, token)


@pytest.fixture
def element(tmp_path: Path) -> MonitoringElement:
    load(write(tmp_path / "a.csv", n_lumisections=25, n_elements=1), dataset="ZB")
    return MonitoringElement.objects.get()


@pytest.fixture
def frozen(element: MonitoringElement) -> SampleSet:
    return freeze_samples(
        "zb", "histograms", {"dataset": "ZB", "elements": ["*"], "experiment": "CMS"}, split="transductive"
    )[0]


def test_a_matrix_comes_in_parts_and_whole(site: Any, element: MonitoringElement) -> None:
    whole, parts = site.matrix(element.pk), site.matrix(element.pk, rows_at_once=10)
    assert whole["counts"].shape == (25, 7)
    for name in ("counts", "run", "lumisection", "entries", "edges_x"):
        assert np.array_equal(whole[name], parts[name])


def test_a_lost_connection_is_taken_up_again(
    site: Any, lumisift_client: Any, element: MonitoringElement, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, lost = urllib.request.urlopen, [2, 5, 6]
    calls: list[int] = []

    def sometimes(request: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) in lost:
            raise urllib.error.URLError("gone")
        return plain(request, **kwargs)

    monkeypatch.setattr(lumisift_client.urllib.request, "urlopen", sometimes)
    assert site.matrix(element.pk, rows_at_once=5)["lumisection"].tolist() == [*range(1, 26)]
    assert len(calls) == 5 + len(lost)


def test_rows_of_two_states_are_never_mixed(
    site: Any, lumisift_client: Any, element: MonitoringElement, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = site.ask

    def ask_and_lose_a_row(*args: Any, **kwargs: Any) -> Any:
        answer = plain(*args, **kwargs)
        last = LumisectionHistogram.objects.order_by("-id").first()
        assert last is not None
        last.delete()
        return answer

    monkeypatch.setattr(site, "ask", ask_and_lose_a_row)
    with pytest.raises(lumisift_client.Refused, match=r"412 .*begin again"):
        site.matrix(element.pk, rows_at_once=10)


def test_scores_are_sent_found_again_and_refused_with_reasons(
    site: Any, lumisift_client: Any, frozen: SampleSet
) -> None:
    charge = site.matrix(MonitoringElement.objects.get().pk)
    columns = {name: charge[name] for name in ("run", "lumisection")}
    scores = charge["counts"].sum(axis=1).astype(float)
    scores[4] = np.nan
    trial = site.send_scores("zb", "sums", "1", score=scores, **columns)
    assert site.send_scores("zb", "sums", "1", score=scores, **columns)["id"] == trial["id"]
    assert np.array_equal(scores_of(Trial.objects.get()), scores, equal_nan=True)
    assert site.set_threshold(trial["id"], 150.0)["threshold"] == 150.0
    with pytest.raises(lumisift_client.Refused, match=r"409 .*another revision"):
        site.send_scores("zb", "sums", "1", score=scores + 1, **columns)
    with pytest.raises(lumisift_client.Refused, match=r"400 .*not of the set: row 1"):
        site.send_scores("zb", "sums", "2", score=scores, run=columns["run"], lumisection=np.arange(25))


def as_parquet(frozen: SampleSet, path: Path) -> Path:
    element = MonitoringElement.objects.get()
    rows = LumisectionHistogram.objects.filter(element=element).order_by("-lumisection__number")
    numbers = list(rows.values_list("lumisection__run__number", "lumisection__number"))
    runs, lumisections = zip(*numbers, strict=True)
    parquet.write_table(pa.table({"run": runs, "lumisection": lumisections, "score": [1.0] * 25}), path)
    return path


def test_a_file_is_sent_from_a_shell(frozen: SampleSet, live_server: Any, token: str, tmp_path: Path) -> None:
    path = as_parquet(frozen, tmp_path / "scores.parquet")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "lumisift_client.py"), "zb", "ones", "1", str(path)],
        env={**os.environ, "LUMISIFT_SITE": live_server.url, "LUMISIFT_TOKEN": token},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "25 scored" in done.stdout


def test_a_file_is_sent_by_curl(frozen: SampleSet, live_server: Any, token: str, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    path = as_parquet(frozen, tmp_path / "scores.parquet")
    environment = {**os.environ, "LUMISIFT_SITE": live_server.url, "LUMISIFT_TOKEN": token}
    arguments = ["sh", str(EXAMPLES / "send_scores.sh"), "zb", "ones", "1"]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*arguments, *more], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    done = run(str(path))
    assert done.returncode == 0, done.stderr
    assert '"n_scored":25' in done.stdout
    path.write_bytes(b"run,score\n1,1\n")
    refused = run(str(path))
    assert refused.returncode == 22
    assert "lumisection" in refused.stdout
    assert run().returncode == 2
