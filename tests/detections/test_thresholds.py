"""Another threshold for a trial: the flags follow at once, and what stays flagged stays what it was."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from detections.models import SampleSet, Trial
from detections.services import run_trial, set_threshold
from detections.services.storing import TOP
from project.errors import UserError
from project.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(catalog_set: SampleSet) -> Trial:
    return run_trial(catalog_set, "robust_z")[0]


def rows(trial: Trial) -> list[tuple[Any, ...]]:
    return list(trial.detections.order_by("rank").values_list("pk", "rank", "position", "score"))


def test_it_flags_what_reaches_it_and_keeps_what_was_flagged(trial: Trial) -> None:
    before = rows(trial)
    reasons = list(trial.detections.order_by("rank").values_list("reasons", flat=True))
    assert any(reasons)
    threshold = trial.top[24][1]
    assert set_threshold(trial, threshold) == {"flagged": 25, "before": 10}
    after = rows(trial)
    assert after[:10] == before
    assert [row[2:] for row in after] == [tuple(one) for one in trial.top[:25]]
    assert list(trial.detections.order_by("rank").values_list("reasons", flat=True))[:10] == reasons
    assert set_threshold(trial, trial.top[4][1]) == {"flagged": 5, "before": 25}
    assert rows(trial) == before[:5]
    assert set_threshold(trial, None) == {"flagged": 0, "before": 5}
    assert Trial.objects.get(pk=trial.pk).threshold is None


def test_spans_of_series_join_when_it_is_lowered(series_set: SampleSet) -> None:
    trial = run_trial(series_set, "robust_z")[0]
    number = len(trial.top)
    set_threshold(trial, trial.top[number // 2][1])
    spans = trial.detections.count()
    assert 0 < spans <= number // 2 + 1
    set_threshold(trial, trial.top[-1][1])
    # Every step is flagged: each light curve is one span.
    assert trial.detections.filter(extent="time").count() == 6
    ranked = list(trial.detections.order_by("rank").values_list("score", flat=True))
    assert ranked == sorted(ranked, reverse=True)


def test_a_trial_keeps_only_its_highest(trial: Trial) -> None:
    assert len(trial.top) == 300 < TOP
    trial.top = trial.top[:100]
    with pytest.raises(UserError, match="keeps its 100 highest"):
        set_threshold(trial, trial.top[-1][1] - 1)
    set_threshold(trial, trial.top[-1][1])
    assert trial.detections.count() == 100


def test_scores_that_are_all_the_same_flag_nothing(catalog_set: SampleSet) -> None:
    trial = run_trial(catalog_set, "constant")[0]
    assert set_threshold(trial, -1.0) == {"flagged": 0, "before": 0}


def test_a_trial_without_scores_has_no_threshold(histogram_set: SampleSet) -> None:
    trial = Trial(sample_set=histogram_set, state="left out", reason="takes table")
    with pytest.raises(UserError, match="takes table"):
        set_threshold(trial, 1.0)


def test_it_is_changed_over_the_api_and_leaves_a_job(client: Client, expert: Any, trial: Trial) -> None:
    client.force_login(expert)
    url = f"/api/v1/trials/{trial.pk}/"
    threshold = float(np.nextafter(trial.top[2][1], 0))
    answer = client.patch(url, {"threshold": threshold}, content_type="application/json")
    assert (answer.status_code, answer.json()["threshold"]) == (200, threshold)
    assert trial.detections.count() == 3
    job = Job.objects.get()
    assert (job.owner, job.state, job.kwargs) == (
        expert,
        "succeeded",
        {"trial": trial.pk, "threshold": threshold},
    )
    assert job.result == {"flagged": 3, "before": 10}
    for body in ({}, {"threshold": "high"}, {"threshold": True}, {"threshold": 1, "detector": "knn"}):
        assert client.patch(url, body, content_type="application/json").status_code == 400
    assert (
        client.patch("/api/v1/trials/987654/", {"threshold": 1}, content_type="application/json").status_code
        == 404
    )
    assert trial.detections.count() == 3
