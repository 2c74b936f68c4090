"""Detectors of one job share what they work out of the same samples, and score as each does alone."""

import pickle

import numpy as np
import pytest

from detections import services, tasks
from detections.detectors import make
from detections.detectors.check_data import good, planted
from detections.detectors.reference import Reference
from detections.models import SampleSet, Trial
from detections.querysets import scores_of
from detections.services.shared import Shared
from project.jobs.reporter import Reporter

HISTOGRAMS = ("robust_z", "isolation_forest", "knn", "pca", "reference_chi2", "reference_ks")
MATRIX = ("robust_z", "isolation_forest", "knn", "pca", "lof")


@pytest.mark.parametrize(
    ("kind", "names"), [("table", MATRIX), ("series", MATRIX), ("histograms", HISTOGRAMS)]
)
def test_shared_or_alone_the_scores_are_the_same(kind, names):
    shared = Shared()
    fit = shared.taken("fit", lambda: good(kind))
    score = shared.taken("score", lambda: planted(kind).samples)
    for name in names:
        alone = make(name).fit(good(kind)).score(planted(kind).samples)
        assert np.array_equal(make(name).fit(fit).score(score), alone, equal_nan=True), name


def test_the_reference_of_a_round_is_worked_out_once(monkeypatch, histogram_set: SampleSet):
    made = []
    plain = Reference.__init__
    monkeypatch.setattr(Reference, "__init__", lambda self, counts: (made.append(1), plain(self, counts))[1])
    wanted = [{"name": name} for name in HISTOGRAMS]
    tasks.run_trials.func(sample_set=histogram_set.name, detectors=wanted, reporter=Reporter())
    rounds = len(Trial.objects.get(detector="knn").fitted_on["rounds"])
    # A map that is merged for a matrix has a second one, of its own cells.
    assert rounds <= len(made) <= 2 * rounds
    for name in HISTOGRAMS:
        together = scores_of(Trial.objects.get(detector=name))
        alone, _ = services.run_trial(histogram_set, name, force=True)
        assert np.array_equal(scores_of(alone), together, equal_nan=True), name


def test_what_does_not_fit_into_the_room_is_taken_again():
    shared = Shared(1)
    first, second = (shared.taken("fit", lambda: good("table")) for _ in range(2))
    assert first is not second
    assert shared.room.left == 1


def test_a_machine_of_a_cluster_gets_nothing_that_is_kept():
    shared = Shared()
    shared.taken("fit", lambda: good("table"))
    assert len(pickle.dumps(shared)) < 200
