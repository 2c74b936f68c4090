"""What trials say on the page of an element in a run: the lumisections they flag, their scores, their reasons."""

import json
from typing import Any

import pytest
from django.test import Client

from detections.models import Detection, SampleSet, Trial
from detections.querysets import scores_of
from detections.services import freeze_samples, run_trial
from detections.services.freezing import unpacked
from histos.models import Dataset, MonitoringElement

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def trial(faulty_set: SampleSet) -> Trial:
    return run_trial(faulty_set, "reference_chi2")[0]


def page_of(detection: Detection, end: str = "") -> str:
    lumisection, name = detection.key.split(" ", 1)
    experiment, run, _ = lumisection.rsplit(":", 2)
    return f"/histograms/{MonitoringElement.objects.get(name=name).pk}/{experiment}/{run}/{end}"


def of_one_dimension(trial: Trial) -> Detection:
    names = MonitoringElement.objects.filter(dimension=1).values_list("name", flat=True)
    return next(one for one in trial.detections.order_by("rank") if one.key.split(" ", 1)[1] in names)


def test_flagged_lumisections_and_scores_are_on_the_figure(client: Client, trial: Trial) -> None:
    found = of_one_dimension(trial)
    drawn = json.loads(client.get(page_of(found, f"figure.json?trial={trial.pk}")).content)
    names = [trace.get("name") for trace in drawn["data"]]
    assert f"trial {trial.pk}" in names
    flags = drawn["data"][names.index("flagged")]
    place = flags["x"].index(found.lumisection.number)
    assert flags["y"][place] == found.score


def test_the_scores_are_those_of_the_trial(client: Client, trial: Trial) -> None:
    found = of_one_dimension(trial)
    answer = client.get(page_of(found, f"?trial={trial.pk}&ls={found.lumisection.number}"))
    (marks,) = answer.context["marks"]
    keys, scores = unpacked(trial.sample_set.keys), scores_of(trial)
    group, name = found.key.split(" ", 1)
    for number, score in marks.scores.items():
        assert score == scores[keys.index(f"{group.rpartition(':')[0]}:{number} {name}")]
    assert len(marks.scores) > 10


def test_the_reasons_are_marked_on_the_histogram_and_told(client: Client, trial: Trial) -> None:
    found = of_one_dimension(trial)
    answer = client.get(page_of(found, f"?trial={trial.pk}&ls={found.lumisection.number}"))
    assert answer.context["panel"].marked[0] == found.reasons[0]["bin"]
    page = answer.content.decode()
    assert f"/detections/{found.pk}/" in page
    assert "It scored a copy with injected faults" in page


def test_the_trials_of_this_run_are_offered(client: Client, trial: Trial) -> None:
    page = client.get(page_of(of_one_dimension(trial))).content.decode()
    assert f'<option value="{trial.pk}">' in page
    assert "What a trial says" in page


def test_a_trial_that_did_not_see_the_element_says_so(
    client: Client, trial: Trial, simulated_histograms: dict[str, Any]
) -> None:
    found = of_one_dimension(trial)
    other = MonitoringElement.objects.filter(dimension=1).exclude(name=found.key.split(" ", 1)[1]).first()
    assert other is not None
    few, _ = freeze_samples("few", "histograms", {**simulated_histograms, "elements": [other.name]}, folds=2)
    narrow, _ = run_trial(few, "reference_chi2")
    answer = client.get(page_of(found, f"?trial={narrow.pk}"))
    assert "it did not see this element here" in answer.content.decode()
    Dataset.objects.update(name="renamed")
    assert (
        "it did not see this element here"
        in client.get(page_of(found, f"?trial={trial.pk}")).content.decode()
    )


def test_marks_take_few_queries(client: Client, trial: Trial, django_assert_max_num_queries: Any) -> None:
    found = of_one_dimension(trial)
    with django_assert_max_num_queries(16):
        client.get(page_of(found, f"figure.json?trial={trial.pk}"))
