"""A run of 1,500 lumisections with 200 monitoring elements, loaded as files are, and the pages that show it."""

import re
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from bench.large_input import (
    RUN,
    Size,
    certification_records,
    histogram_records,
    names,
    run_records,
)
from bench.site import Visitor

EXPERIMENT, DATASET = "CMS-simulated", "/Simulated/Run2026Z-v1/DQMIO"
SET, DETECTORS = "large", ("robust_z", "pca")
FIGURE = re.compile(r'data-figure="([^"#]+)"')
SCORED = 10
"""Elements that the trials see."""


def fill(folder: Path, size: Size) -> None:
    """The run with all that is known of it, into the database of the settings; a line for each step."""
    from histos.services import HistogramStore
    from runs.services import CertificationStore, RunStore

    readers: dict[str, tuple[Callable[[Size], Iterator[Any]], Any]] = {
        "run": (run_records, RunStore(EXPERIMENT, simulated=True)),
        "certifications": (certification_records, CertificationStore("large run", EXPERIMENT)),
        "histograms": (histogram_records, HistogramStore(DATASET, EXPERIMENT, simulated=True)),
    }
    for name, (records, store) in readers.items():
        _told(name, lambda records=records, name=name, store=store: _load(folder, name, records, store, size))
    _told("set and trials", lambda: _trials(size))


def _told(name: str, work: Callable[[], str]) -> None:
    began = perf_counter()
    said = work()
    sys.stderr.write(f"{name}: {said} in {perf_counter() - began:.0f} s\n")


def _load(folder: Path, name: str, records: Callable[[Size], Iterator[Any]], store: Any, size: Size) -> str:
    from project.loading import Load

    path = folder / f"{name}.txt"
    path.write_text(f"{name} {size}")
    file = Load(path, f"large {name}", lambda: records(size), store).run()
    assert file.state == "complete", file.reason
    assert not file.rejected, f"{name}: {file.rejected} rejected"
    return f"{file.stored:,} stored"


def _trials(size: Size) -> str:
    """Each lumisection scored by detectors fitted on the same run, for there is only one."""
    from detections import tasks
    from detections.models import Detection
    from project.jobs.reporter import Reporter

    recipe = {"dataset": DATASET, "experiment": EXPERIMENT, "elements": names(size)[:SCORED]}
    how = {"name": SET, "world": "histograms", "recipe": recipe, "split": "transductive"}
    tasks.freeze_samples.func(reporter=Reporter(), **how)
    wanted = [{"name": name} for name in DETECTORS]
    tasks.run_trials.func(reporter=Reporter(), sample_set=SET, detectors=wanted)
    return f"{Detection.objects.count():,} detections"


def addresses(size: Size) -> dict[str, str]:
    """The pages that grow with a run, by what each is; of single lumisections the one in the middle."""
    from detections.models import Detection, Trial
    from histos.models import MonitoringElement

    trial = Trial.objects.order_by("id").values_list("pk", flat=True)[0]
    found = Detection.objects.filter(trial=trial).order_by("rank").values_list("pk", flat=True)[0]
    flat, deep = (MonitoringElement.objects.filter(dimension=n).order_by("id")[0].pk for n in (1, 2))
    run, tree = f"/runs/{EXPERIMENT}/{RUN}/", f"/histograms/of/{EXPERIMENT}/{RUN}/"
    ls = size.lumisections // 2
    scored, here = urlencode({"trial": trial}), urlencode({"dataset": DATASET, "ls": ls})
    return {
        "runs": "/runs/",
        "run": run,
        "run with scores": f"{run}?{scored}",
        "range of the run": f"{run}?first={ls // 2}&last={ls}&{scored}",
        "lumisection": f"{run}{ls}/",
        "tree of the run": tree,
        "tree of the run with rates": f"{tree}?{scored}",
        "tree of a lumisection": f"{tree}?ls={ls}",
        "element in the run": f"/histograms/{flat}/{EXPERIMENT}/{RUN}/?{here}&{scored}",
        "map in the run": f"/histograms/{deep}/{EXPERIMENT}/{RUN}/?{here}",
        "missing in the run": f"/histograms/missing/{EXPERIMENT}/{RUN}/",
        "certification": "/certification/",
        "trial": f"/trials/{trial}/",
        "detection": f"/detections/{found}/",
    }


def with_figures(pages: dict[str, str], visitor: Visitor) -> dict[str, str]:
    """The pages, each followed by the figure that its script asks for, where there is one."""
    found = {}
    for kind, path in pages.items():
        found[kind] = path
        text = visitor.get(path).content.decode()
        if asked := FIGURE.search(text):
            found[f"{kind}, its figure"] = unescape(asked[1])
    return found
