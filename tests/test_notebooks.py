"""The notebooks run, on a small database, as somebody would run them."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import nbformat
import pytest
from django.core.management import call_command
from nbclient import NotebookClient

from detections.services import freeze_samples, inject_samples, run_trial
from histos.simulation import simulate
from histos.stores import HistogramStore
from project.loading import Load
from project.tokens import services as tokens
from runs.run_store import RunStore
from tests.conftest import ROOT, clean_environment

DATASET = "/Simulated/Test-v1/DQMIO"
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture
def simulated(transactional_db: None, tmp_path: Path) -> None:
    """Four simulated runs of 60 lumisections with two elements."""
    runs = list(simulate(n_runs=4, n_lumisections=60, n_elements_1d=2, n_elements_2d=0, seed=3))
    path = tmp_path / "simulated"
    path.write_text("made by this test")
    told = [record for run in runs for record in (run.run, *run.lumisections)]
    Load(path, "simulated runs", lambda: iter(told), RunStore("CMS", simulated=True)).run()
    store = HistogramStore(DATASET, "CMS", simulated=True)
    Load(path, "simulated", lambda: chain(*(run.histograms() for run in runs)), store).run()


@pytest.fixture
def served(
    simulated: None, live_server: Any, expert: Any, site_environment: dict[str, str]
) -> Iterator[dict[str, str]]:
    """A site to ask over the API, with a set that has faults, two trials on it, and a worker: where it is."""
    recipe = {"dataset": DATASET, "experiment": "CMS", "elements": ["*"]}
    whole, _ = freeze_samples("sim", "histograms", recipe, folds=2)
    faulty, _ = inject_samples(whole, "sim-faults", fraction=0.2, seed=5)
    for name in ("robust_z", "random"):
        run_trial(faulty, name)
    worker = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "worker"],
        env=clean_environment(**site_environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    token = tokens.make(expert, "notebook", "write")[1]
    yield {"LUMISIFT_SITE": live_server.url, "LUMISIFT_TOKEN": token}
    worker.terminate()
    worker.wait(20)


@pytest.mark.slow
# Jupyter's client opens sockets and loops of its own.
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(
    path: Path, served: dict[str, str], site_environment: dict[str, str], tmp_path: Path
) -> None:
    folders = ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    environment = clean_environment(**site_environment, **served, **{name: str(tmp_path) for name in folders})
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env=environment)
    said = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in said)
    assert not [output for output in said if output.output_type == "stream" and output.name == "stderr"]


def test_it_is_kept_without_its_answers() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")], path.name


def test_the_picture_of_the_classes_can_be_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "classes.dot"
    call_command("graph_models", output=str(picture))
    drawn = picture.read_text()
    assert all(name in drawn for name in ("LumisectionHistogram", "LightCurve", "Trial", "Job"))
