"""The demonstration: real variable stars, real light curves, simulated CMS runs; eight detectors and more on each.

Every step calls the task that its command calls, so the second time all of it is found and nothing is done twice.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import histos
from detections import tasks
from detections.demo.certification import certify
from detections.models import Comparison
from detections.services import Desk
from histos.lightcurve_histograms import store_light_curve_histograms
from histos.services import HistogramStore
from histos.simulation import DATASET, EXPERIMENT, simulate
from lightcurves.models import LightCurve
from lightcurves.tasks import load_catalog, load_light_curves
from project.jobs.reporter import Reporter, Share
from project.loading import Load
from runs.run_store import RunStore

SIMULATION = Path(histos.__file__).with_name("simulated_cms.json")
REAL_DATA = "LUMISIFT_REAL_DATA"

OGLE, MACHO = "OGLE-III", "MACHO"
BASELINES = ("constant", "random", "robust_z")
# LOF takes as long as all of these together on 387,000 rows: manage.py run_trial ogle3 lof
TABLE_DETECTORS = (*BASELINES, "isolation_forest", "knn", "pca", "pyod.ECOD", "pyod.COPOD")
SERIES_DETECTORS = (*BASELINES, "isolation_forest", "knn", "pca", "pyod.COPOD", "pyod.ECOD")
HISTOGRAM_DETECTORS = (*BASELINES, "isolation_forest", "knn", "pca", "reference_chi2", "reference_ks")


@dataclass(frozen=True)
class Step:
    """One step: what it is called, its share of the whole work, and what does it."""

    title: str
    weight: float
    run: Callable[[Reporter], dict[str, Any]]


def load_demo(reporter: Reporter | None = None) -> dict[str, Any]:
    """Load, freeze, inject, score and compare; returns the counts of every step, by title."""
    reporter = reporter or Reporter()
    steps = list(_steps())
    whole, done, results = sum(step.weight for step in steps), 0.0, {}
    for step in steps:
        share = Share(reporter, done / whole, step.weight / whole, step.title)
        began = perf_counter()
        results[step.title] = {**step.run(share), "seconds": round(perf_counter() - began, 2)}
        done += step.weight
        reporter.log(f"{step.title}: {_brief(results[step.title])}")
    # What each step counted is in the log; of the whole only their number says something.
    reporter.counts.clear()
    reporter.update(1.0, steps=len(steps))
    return {"steps": results, "comparisons": _comparisons()}


def _brief(counts: dict[str, Any]) -> str:
    shown = {name: n for name, n in counts.items() if isinstance(n, int) and not isinstance(n, bool)}
    numbers = [f"{name} {n:,}" for name, n in shown.items() if name not in ("sample_set", "comparison")]
    return ", ".join([*numbers, f"{counts['seconds']:.1f} s"])


def _comparisons() -> list[dict[str, Any]]:
    rows = Comparison.objects.select_related("sample_set").order_by("id")
    return [{"id": row.pk, "sample_set": row.sample_set.name, "trials": row.trials.count()} for row in rows]


def _steps() -> Iterator[Step]:
    yield Step("OGLE-III catalogue", 20, _ogle)
    yield Step("MACHO light curves", 2, _macho)
    yield Step("simulated CMS runs", 1, simulated_runs)
    yield Step("simulated CMS histograms", 6, simulated_histograms)
    if os.environ.get(REAL_DATA):
        yield from _real_steps(Path(os.environ[REAL_DATA]))
    yield from _sky_trials()
    yield from _series_trials()
    yield from _cms_trials()


def _ogle(reporter: Reporter) -> dict[str, Any]:
    return load_catalog.func(reporter=reporter, paths=[], survey="ogle3", options={}, into={"catalog": OGLE})


def _macho(reporter: Reporter) -> dict[str, Any]:
    into = {"catalog": MACHO, "survey": MACHO}
    loaded = load_light_curves.func(reporter=reporter, paths=[], survey="macho", options={}, into=into)
    store_light_curve_histograms(LightCurve.objects.of_catalog(MACHO))
    return loaded


def simulated_runs(reporter: Reporter) -> dict[str, Any]:
    """The simulated runs with luminosity, pile-up and detector bits."""

    def read() -> Iterator[Any]:
        # Without elements: the conditions are drawn before the counts, and do not depend on them.
        size = json.loads(SIMULATION.read_text()) | {"n_elements_1d": 0, "n_elements_2d": 0}
        for run in simulate(**size):
            yield run.run
            yield from run.lumisections

    store = RunStore(EXPERIMENT, simulated=True)
    return _load("simulated runs", read, store, reporter)


def simulated_histograms(reporter: Reporter) -> dict[str, Any]:
    """Their histograms: without a fault, every fault is injected later."""

    def read() -> Iterator[Any]:
        for run in simulate(**json.loads(SIMULATION.read_text())):
            yield from run.histograms()

    return _load("simulated histograms", read, HistogramStore(DATASET, EXPERIMENT, simulated=True), reporter)


def _load(reader: str, read: Callable[[], Iterator[Any]], store: Any, reporter: Reporter) -> dict[str, Any]:
    load = Load(
        SIMULATION, reader, read, store,
        progress=lambda file: reporter.update(stage="loading", stored=file.stored, known=file.known),
    )  # fmt: skip
    file = load.run()
    return {name: getattr(file, name) for name in ("stored", "known", "conflicts", "rejected")}


def _real_steps(folder: Path) -> Iterator[Step]:
    """What developers have beside the demonstration: real CMS, CRTS and ZTF files."""
    from detections.demo.real import steps

    for title, run in steps(folder):
        yield Step(title, 2, run)


@dataclass
class World:
    """The steps on one sample set. The same choice frozen before under another name is used under that name."""

    name: str
    detectors: tuple[str, ...]
    weights: tuple[float, float]
    desk: Desk = field(default_factory=Desk)

    def freeze(self, name: str, weight: float, **choice: Any) -> Step:
        return self._named(f"freeze {name}", weight, tasks.freeze_samples, lambda: {"name": name, **choice})

    def inject(self, name: str, weight: float, **how: Any) -> Step:
        def given() -> dict[str, Any]:
            return {"parent": self.name, "name": name, **how}

        return self._named(f"inject {name}", weight, tasks.inject, given)

    def _named(self, title: str, weight: float, task: Any, given: Callable[[], dict[str, Any]]) -> Step:
        def run(reporter: Reporter) -> dict[str, Any]:
            made: dict[str, Any] = task.func(reporter=reporter, desk=self.desk, **given())
            self.name = made["name"]
            return made

        return Step(title, weight, run)

    def trials(self, reporter: Reporter) -> dict[str, Any]:
        wanted = [{"name": detector} for detector in self.detectors]
        run: dict[str, Any] = tasks.run_trials.func(
            reporter=reporter, sample_set=self.name, detectors=wanted, desk=self.desk
        )
        return run

    def comparison(self, reporter: Reporter) -> dict[str, Any]:
        found: dict[str, Any] = tasks.compare_trials.func(
            reporter=reporter, sample_set=self.name, desk=self.desk
        )
        self.desk.clear()
        return found

    def judge(self, title: str) -> Iterator[Step]:
        yield Step(f"trials of {title}", self.weights[0], self.trials)
        yield Step(f"comparison on {title}", self.weights[1], self.comparison)


def _sky_trials() -> Iterator[Step]:
    # Identifiers, types and which columns are missing give the class away: only complete rows, only these four.
    recipe = {
        "catalog": OGLE,
        "columns": ["mag", "V-I", "log10(P_1)", "A_1"],
        "truth": {"attribute": "Type", "values": ["RCB", "aCep", "DPV"]},
    }
    world = World("ogle3", TABLE_DETECTORS, (25, 12))
    yield world.freeze("ogle3", 6, world="catalog", recipe=recipe, folds=2)
    yield from world.judge("ogle3")


def _series_trials() -> Iterator[Step]:
    recipe = {"catalog": MACHO, "survey": MACHO}
    world = World("macho", SERIES_DETECTORS, (6, 2))
    yield world.freeze("macho", 1, world="light-curves", recipe=recipe, folds=5)
    yield world.inject("macho-events", 1, fraction=1.0, seed=1)
    yield from world.judge("macho-events")


def _cms_trials() -> Iterator[Step]:
    recipe = {"dataset": DATASET, "experiment": EXPERIMENT, "elements": ["*"]}
    world = World("cms-simulated", HISTOGRAM_DETECTORS, (20, 4))
    yield world.freeze("cms-simulated", 2, world="histograms", recipe=recipe, folds=2)
    yield world.inject("cms-simulated-faults", 4, seed=1)
    yield from world.judge("cms-simulated-faults")
    yield Step("simulated certifications", 1, lambda reporter: certify(world.name, _load, reporter))
