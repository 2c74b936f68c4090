"""Small worlds to freeze: simulated histograms of three runs, a catalogue with a rare class, a few light curves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from detections.models import SampleSet
from detections.services import freeze_samples, inject_samples

SIZE = {"n_runs": 4, "n_lumisections": 40, "n_elements_1d": 3, "n_elements_2d": 1, "seed": 3}


@pytest.fixture
def simulated_histograms(db: None, tmp_path: Path) -> dict[str, Any]:
    """Loads 4 runs of 40 lumisections; returns the recipe that chooses all of them."""
    from histos.services import HistogramStore
    from histos.simulation import DATASET, EXPERIMENT, simulate
    from project.loading import Load

    path = tmp_path / "simulated.json"
    path.write_text(json.dumps(SIZE))

    def read() -> Any:
        for run in simulate(**SIZE):
            yield from run.histograms()

    Load(path, "simulated", read, HistogramStore(DATASET, EXPERIMENT, simulated=True)).run()
    return {"dataset": DATASET, "experiment": EXPERIMENT, "elements": ["*"]}


@pytest.fixture
def histogram_set(simulated_histograms: dict[str, Any]) -> SampleSet:
    return freeze_samples("sim", "histograms", simulated_histograms, folds=2)[0]


@pytest.fixture
def faulty_set(histogram_set: SampleSet) -> SampleSet:
    return inject_samples(histogram_set, "sim-faults", fraction=0.2, seed=5)[0]


@pytest.fixture
def make_catalog(db: None) -> Callable[..., dict[str, Any]]:
    """Makes a catalogue of two Gaussian columns with a far-away class ``rare``; returns the recipe for it."""
    from lightcurves.models import Catalog, Source

    def make(n: int = 300, n_rare: int = 12, name: str = "toy") -> dict[str, Any]:
        rng = np.random.default_rng(0)
        catalog = Catalog.objects.create(name=name)
        X = rng.normal(size=(n, 2))
        X[:n_rare] += 6
        Source.objects.bulk_create(
            Source(
                catalog=catalog, name=f"s{i:05}", ra=float(i % 360), dec=0.0, mag=float(row[0]),
                attributes={"V-I": float(row[1]), "Type": "rare" if i < n_rare else "common"},
            )
            for i, row in enumerate(X)
        )  # fmt: skip
        return {
            "catalog": name,
            "columns": ["mag", "V-I"],
            "truth": {"attribute": "Type", "values": ["rare"]},
        }

    return make


@pytest.fixture
def catalog_set(make_catalog: Callable[..., dict[str, Any]]) -> SampleSet:
    return freeze_samples("toy", "catalog", make_catalog(), folds=3)[0]


@pytest.fixture
def series_set(db: None) -> SampleSet:
    """Six light curves of 120 epochs: noise around 10 in flux."""
    from lightcurves.models import Catalog, LightCurve, Source, Survey

    rng = np.random.default_rng(1)
    catalog, survey = Catalog.objects.create(name="curves"), Survey.objects.create(name="toy")
    for i in range(6):
        source = Source.objects.create(catalog=catalog, name=f"c{i}")
        time = np.sort(rng.uniform(50_000, 50_400, 120))
        LightCurve.objects.create(
            source=source, survey=survey, band="R", unit="uJy", time=time, value=rng.normal(10, 0.2, 120),
            error=np.full(120, 0.2), flag=np.zeros(120, np.uint8), n_points=120, time_min=time[0], time_max=time[-1],
        )  # fmt: skip
    return freeze_samples("curves", "light-curves", {"catalog": "curves"}, folds=3)[0]


@pytest.fixture
def people(member: Callable[..., Any]) -> dict[str, Client]:
    """A client of each role."""
    clients = {role: Client() for role in ("viewer", "shifter", "expert")}
    for role, client in clients.items():
        client.force_login(member(role))
    return clients
