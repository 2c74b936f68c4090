"""What a site names in LUMISIFT_EXTRA_… lands in the registry it belongs to, and in no other."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from histos import injections as of_histograms
from histos.readers import READERS as HISTOGRAM_READERS
from histos.readers.base import Reader as HistogramReader
from lightcurves import injections as of_series
from lightcurves.injections.place import Place
from runs.readers import READERS as RUN_READERS
from runs.readers.base import Reader as RunReader

REGISTRIES = (HISTOGRAM_READERS, RUN_READERS, of_histograms.INJECTIONS, of_series.INJECTIONS)


class MyHistograms(HistogramReader):
    """Reads nothing."""

    name: ClassVar[str] = "my-histograms"


class MyRuns(RunReader):
    """Reads nothing."""

    name: ClassVar[str] = "my-runs"


def flipped(counts: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Bins in reverse order."""
    return counts[::-1]


def silence(place: Place, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Nothing happens."""
    return place.values


FLIPPED = of_histograms.Injection(flipped, (0.1, 1.0), "none")
SILENCE = of_series.Injection(silence, (0.1, 1.0), "none")


@pytest.fixture(autouse=True)
def _registries_as_before() -> Iterator[None]:
    before = [dict(registry) for registry in REGISTRIES]
    yield
    for registry, entries in zip(REGISTRIES, before, strict=True):
        registry.clear()
        registry.update(entries)  # type: ignore[arg-type]


def ready(monkeypatch: pytest.MonkeyPatch, setting: str, *names: str) -> None:
    monkeypatch.setattr(settings, setting, [f"{__name__}.{name}" for name in names])
    for app in ("histos", "runs", "lightcurves"):
        apps.get_app_config(app).ready()


def test_readers_go_where_they_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    ready(monkeypatch, "LUMISIFT_EXTRA_READERS", "MyHistograms", "MyRuns")
    assert HISTOGRAM_READERS["my-histograms"] is MyHistograms
    assert RUN_READERS["my-runs"] is MyRuns
    assert "my-runs" not in HISTOGRAM_READERS
    assert "my-histograms" not in RUN_READERS


def test_injections_go_where_they_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    ready(monkeypatch, "LUMISIFT_EXTRA_INJECTIONS", "FLIPPED", "SILENCE")
    assert of_histograms.INJECTIONS["flipped"] is FLIPPED
    assert of_series.INJECTIONS["silence"] is SILENCE
    assert "silence" not in of_histograms.INJECTIONS
    assert "flipped" not in of_series.INJECTIONS


def test_a_path_that_leads_nowhere_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"LUMISIFT_EXTRA_READERS: cannot import .*Nothing"):
        ready(monkeypatch, "LUMISIFT_EXTRA_READERS", "Nothing")


def test_what_is_no_reader_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="no Reader"):
        ready(monkeypatch, "LUMISIFT_EXTRA_READERS", "FLIPPED")
