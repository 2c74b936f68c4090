"""Masks from trials and thresholds: what was not scored has not been cleared."""

import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from django.test import Client

from detections.models import SampleSet
from detections.services import run_trial
from detections.verdicts.masks import SCORED, judged
from histos.simulation import EXPERIMENT
from project.errors import UserError
from runs.golden.operands import operand

RUNS = np.array([1, 1, 1, 1, 1, 1, 2])
NUMBERS = np.array([1, 1, 2, 2, 3, 3, 1])
SCORES = np.array([0.1, 0.2, 0.1, np.nan, 0.1, 0.9, np.nan])


def test_never_scored_lumisections_are_not_good() -> None:
    """DIALS' golden JSON counted what was never scored, or was absent, as good."""
    good, counts = judged(RUNS, NUMBERS, SCORES, 0.5)
    assert good.ranges() == {1: [(1, 1)]}
    assert counts == {"lumisections": 4, "flagged": 1, "not_scored": 2}


def test_elements_that_were_not_scored_may_be_left_aside_when_one_was() -> None:
    good, counts = judged(RUNS, NUMBERS, SCORES, 0.5, SCORED)
    assert good.ranges() == {1: [(1, 2)]}
    assert counts == {"lumisections": 4, "flagged": 1, "not_scored": 1}


def test_a_score_that_reaches_the_threshold_is_bad() -> None:
    assert not judged(RUNS[:1], NUMBERS[:1], np.array([0.5]), 0.5)[0]
    assert judged(RUNS[:1], NUMBERS[:1], np.array([0.4999]), 0.5)[0]


@pytest.fixture
def trial(histogram_set: SampleSet) -> Any:
    return run_trial(histogram_set, "reference_chi2")[0]


@pytest.mark.django_db
def test_a_trial_and_a_threshold_are_an_operand(trial: Any) -> None:
    everything = operand(f"trial={trial.pk}&threshold=1e300&elements=scored", EXPERIMENT)
    assert everything.mask.count() == everything.told["lumisections"] > 0
    nothing = operand(f"trial={trial.pk}&threshold=-1e300", EXPERIMENT)
    assert not nothing.mask
    assert nothing.told["flagged"] == nothing.told["lumisections"]
    some = operand(f"trial={trial.pk}", EXPERIMENT)
    assert some.told["threshold"] == trial.threshold
    assert some.told["inputs"] == trial.inputs
    assert some.told["simulated"]


@pytest.mark.django_db
def test_a_trial_leads_to_the_workbench_with_the_threshold_that_is_looked_at(
    trial: Any, faulty_set: SampleSet, client: Client, viewer: Any
) -> None:
    client.force_login(viewer)
    page = client.get(f"/trials/{trial.pk}/?threshold=12.5").content.decode()
    (link,) = re.findall(r'href="([^"]+)" id="mask-it"', page)
    built = client.get(unescape(link))
    assert built.status_code == 200
    assert "(reference_chi2) below 12.5" in built.content.decode()
    injected = run_trial(faulty_set, "reference_chi2")[0]
    assert "mask-it" not in client.get(f"/trials/{injected.pk}/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("trial=0", "there is no trial"),
        ("trial=x", "there is no trial"),
        ("trial={}&threshold=nan", "threshold: 'nan' is not a finite number"),
        ("trial={}&elements=few", "is none of every, scored"),
    ],
)
def test_a_trial_that_cannot_be_used_says_why(trial: Any, spec: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        operand(spec.format(trial.pk), EXPERIMENT)
    with pytest.raises(UserError, match="scored nothing of CMS"):
        operand(f"trial={trial.pk}")


@pytest.mark.django_db
def test_a_trial_of_copies_with_injected_anomalies_says_nothing_of_the_stored_data(
    faulty_set: SampleSet,
) -> None:
    trial = run_trial(faulty_set, "reference_chi2")[0]
    with pytest.raises(UserError, match="injected"):
        operand(f"trial={trial.pk}", EXPERIMENT)


@pytest.mark.django_db
def test_the_workbench_offers_trials(client: Client, expert: Any, trial: Any) -> None:
    client.force_login(expert)
    answer = client.get("/golden/work/?experiment=CMS-simulated")
    assert f"{trial.pk}: reference_chi2 on sim" in answer.content.decode()
    added = client.get(f"/golden/work/?experiment=CMS-simulated&add=trial&trial={trial.pk}&elements=scored")
    text = client.get(added["Location"]).content.decode()
    assert f"trial {trial.pk} (reference_chi2) below" in text
    assert "simulated" in text
