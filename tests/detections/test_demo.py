"""The demonstration, on fewer simulated runs and the real MACHO light curves: done once, found the second time."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from detections.demo import demonstration as demo
from detections.models import Comparison, Trial
from histos.models import LightCurveHistogram, LumisectionHistogram
from project.jobs.reporter import Reporter
from runs.models import LumiMask, Run

SMALL = {"n_runs": 4, "n_lumisections": 60, "n_elements_1d": 3, "n_elements_2d": 1, "seed": 1}


@pytest.fixture
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "simulated_cms.json"
    path.write_text(json.dumps(SMALL))
    monkeypatch.setattr(demo, "SIMULATION", path)

    def steps() -> Iterator[demo.Step]:
        """All but the catalogue, which has a test of its own and takes a minute."""
        yield demo.Step("MACHO light curves", 1, demo._macho)
        yield demo.Step("simulated CMS runs", 1, demo.simulated_runs)
        yield demo.Step("simulated CMS histograms", 1, demo.simulated_histograms)
        yield from demo._series_trials()
        yield from demo._cms_trials()

    monkeypatch.setattr(demo, "_steps", steps)


@pytest.mark.slow
@pytest.mark.usefixtures("db", "_small")
def test_it_is_done_once() -> None:
    reporter = Reporter()
    first = demo.load_demo(reporter)
    assert {one["sample_set"]: one["trials"] for one in first["comparisons"]} == {
        "macho-events": len(demo.SERIES_DETECTORS),
        "cms-simulated-faults": len(demo.HISTOGRAM_DETECTORS),
    }
    assert min(one["trials"] for one in first["comparisons"]) >= 8
    assert not Trial.objects.exclude(state=Trial.State.DONE).exists()
    assert LumisectionHistogram.objects.visible().count() > 800
    assert LightCurveHistogram.objects.count() == 2 * 19
    assert not Run.objects.filter(simulated=False).exists()
    masks = LumiMask.objects.order_by("version")
    assert [(one.simulated, one.share is not None) for one in masks] == [(True, True)] * len(masks)
    assert first["steps"]["simulated certifications"]["masks"] == len(masks) > 0
    assert all(comparison.results["simulated"] for comparison in Comparison.objects.all())

    strength = Comparison.objects.get(sample_set__name="cms-simulated-faults").results["strength"]["all"]
    for detector in demo.HISTOGRAM_DETECTORS:
        weak, strong = (strength[detector][place]["efficiency"] for place in (0, -1))
        if detector in ("constant", "random"):
            assert strong < 0.1, f"{detector} sees what it cannot know"
        else:
            assert strong > max(weak, 0.1), f"{detector} sees strong faults no better than weak ones"

    again = demo.load_demo(reporter)
    counts = [step for step in again["steps"].values() if "known" in step]
    assert sum(step["stored"] for step in counts) == 0
    assert all(not step["new"] for step in again["steps"].values() if "new" in step)
    assert again["comparisons"] == first["comparisons"]
