"""A detector is one file and one line: command, API, comparison and contract take it up by themselves."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from detections import services
from detections.detectors import DETECTORS, Detector, TableDetector
from detections.detectors.checks import CHECKS
from detections.models import SampleSet, Trial
from project.samples import KINDS


class Distance(TableDetector):
    """Distance from the mean of the training rows."""

    name = "distance"

    def fit_table(self, X: np.ndarray) -> "Distance":
        self.mean_ = X.mean(axis=0)
        return self

    def score_table(self, X: np.ndarray) -> np.ndarray:
        return np.linalg.norm(X - self.mean_, axis=1)


@pytest.fixture
def _entered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The one line: what ``LUMISIFT_EXTRA_DETECTORS`` or the package's tuple does when Django starts."""
    monkeypatch.setattr(settings, "LUMISIFT_EXTRA_DETECTORS", [f"{__name__}.Distance"])
    apps.get_app_config("detections").ready()
    yield
    del DETECTORS["distance"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_contract_is_tested_unasked(check: Callable[..., None], kind: str) -> None:
    check(Distance, kind)


@pytest.mark.usefixtures("_entered")
def test_it_is_known_everywhere(catalog_set: SampleSet, client: Client, viewer: object) -> None:
    call_command("run_trial", catalog_set.name, "distance", "constant")
    assert Trial.objects.get(detector="distance").n_scored == catalog_set.n_scores
    comparison, _ = services.compare_trials(catalog_set, n_boot=20)
    assert comparison.results["classes"]["rare"]["rows"][0]["detector"] == "distance"
    client.force_login(viewer)
    names = {one["name"] for one in client.get("/api/v1/detectors/").json()["results"]}
    assert {"distance", "robust_z"} <= names
    page = client.get(f"/compare/{comparison.pk}/")
    assert b"distance" in page.content


def test_the_registry_holds_classes() -> None:
    assert all(issubclass(cls, Detector) for cls in DETECTORS.values())
