"""Real maps and histograms score with every detector and are drawn with their reasons; only with LUMISIFT_REAL_DATA."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client

from detections.models import Trial
from detections.querysets import scores_of
from detections.reasons.binnings import binnings_of
from detections.reasons.seen import seen
from detections.reasons.wording import reasons_in_words
from detections.services import Desk, freeze_samples, run_trial
from histos.models import LumisectionHistogram, MonitoringElement
from runs.models import Run

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DETECTORS = (
    "reference_chi2", "reference_ks", "max_pull", "moments", "beta_binomial", "nmf", "templates", "occupancy",
    "summary_forest", "tracked_reference", "tracked_pull", "excess_scatter", "pca",
)  # fmt: skip


@pytest.fixture
def _real() -> None:
    folder = os.environ.get("LUMISIFT_REAL_DATA")
    if not folder:
        pytest.skip("LUMISIFT_REAL_DATA is not set")
    for pattern in ("hist1d/*.csv", "hist2d/*.csv.gz"):
        for path in sorted((Path(folder) / "cms").glob(pattern)):
            call_command(
                "load_histos", str(path), "--reader", "ml4dqm-csv", "--dataset", "ZeroBias", "--json"
            )


@pytest.mark.usefixtures("_real")
@pytest.mark.parametrize(("dimension", "number"), [(1, 9), (2, 32)])
def test_they_score_with_every_detector_and_say_why(
    dimension: int, number: int, client: Client, viewer: Any
) -> None:
    client.force_login(viewer)
    elements = list(MonitoringElement.objects.filter(dimension=dimension).values_list("name", flat=True))
    assert LumisectionHistogram.objects.filter(element__dimension=dimension).count() == number
    runs = list(Run.objects.values_list("number", flat=True))
    recipe = {"dataset": "ZeroBias", "elements": elements, "experiment": "CMS", "runs": runs}
    sample_set, _ = freeze_samples("real", "histograms", recipe, split="transductive")
    desk = Desk()
    filled = LumisectionHistogram.objects.filter(element__dimension=dimension, entries__gt=0).count()
    for name in DETECTORS:
        trial, _ = run_trial(sample_set, name, desk=desk)
        assert trial.state == Trial.State.DONE, trial.reason
        assert np.isfinite(scores_of(trial)).sum() == filled
        first = trial.detections.first()
        if first is not None:
            what = seen(sample_set, [first])[first.pk]
            words = reasons_in_words(first, binnings_of(first, what))
            assert words
            assert not any(one.startswith("bin ") for one in words)
            assert client.get(f"/detections/{first.pk}/").status_code == 200
