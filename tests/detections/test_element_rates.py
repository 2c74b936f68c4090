"""The anomaly rate of elements and folders in a run's tree: how much of them a trial flags."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from detections.models import SampleSet, Trial
from detections.querysets import scores_of
from detections.services import run_trial
from detections.services.freezing import unpacked
from histos.models import Dataset

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


@pytest.fixture
def trial(faulty_set: SampleSet) -> Trial:
    return run_trial(faulty_set, "reference_chi2")[0]


def place_of(trial: Trial) -> tuple[str, int, int]:
    experiment, run, ls = trial.detections.order_by("rank")[0].key.split(" ", 1)[0].rsplit(":", 2)
    return experiment, int(run), int(ls)


def counted(trial: Trial, group: str) -> dict[str, tuple[int, int]]:
    """By element how many histograms of a run or lumisection are flagged, and scored: by the scores alone."""
    found: dict[str, tuple[int, int]] = {}
    for key, score in zip(unpacked(trial.sample_set.keys), scores_of(trial), strict=True):
        place, name = key.split(" ", 1)
        if f"{place}:".startswith(group) and np.isfinite(score):
            flagged, scored = found.get(name, (0, 0))
            found[name] = flagged + int(score >= trial.threshold), scored + 1
    return found


def test_every_element_has_the_share_that_the_trial_flags(client: Client, trial: Trial) -> None:
    experiment, run, _ = place_of(trial)
    rates = client.get(f"/histograms/of/{experiment}/{run}/?trial={trial.pk}").context["rates"]
    assert rates.value == str(trial.pk)
    assert {name: tuple(share) for name, share in rates.by_element.items()} == counted(
        trial, f"{experiment}:{run}:"
    )


def test_a_folder_has_that_of_all_below_it(client: Client, trial: Trial) -> None:
    experiment, run, _ = place_of(trial)
    page = client.get(f"/histograms/of/{experiment}/{run}/?trial={trial.pk}").context
    total = np.array(list(counted(trial, f"{experiment}:{run}:").values())).sum(axis=0)
    ((folder, _, share),) = page["folders"]
    assert (folder.path, *share) == ("Simulated/", *total)
    assert share.flagged > 0


def test_of_one_lumisection_only_its_own_histograms_count(client: Client, trial: Trial) -> None:
    experiment, run, ls = place_of(trial)
    rates = client.get(f"/histograms/of/{experiment}/{run}/?trial={trial.pk}&ls={ls}").context["rates"]
    expected = counted(trial, f"{experiment}:{run}:{ls}:")
    assert {name: tuple(share) for name, share in rates.by_element.items()} == expected
    assert sum(flagged for flagged, _ in expected.values()) > 0


def test_a_new_threshold_is_a_new_rate(client: Client, trial: Trial) -> None:
    experiment, run, _ = place_of(trial)
    Trial.objects.update(threshold=1e30)
    rates = client.get(f"/histograms/of/{experiment}/{run}/?trial={trial.pk}").context["rates"]
    assert sum(share.flagged for share in rates.by_element.values()) == 0


def test_without_a_trial_there_are_no_pills(client: Client, faulty_set: SampleSet) -> None:
    run = faulty_set.parent.recipe["runs"][0]  # type: ignore[union-attr]
    page = client.get(f"/histograms/of/CMS-simulated/{run}/")
    assert page.status_code == 200
    assert "pill rate" not in page.content.decode()


def test_another_dataset_has_no_rates_of_this_trial(client: Client, trial: Trial) -> None:
    experiment, run, _ = place_of(trial)
    Dataset.objects.update(name="/Other/Run2026Z-v1/DQMIO")
    page = client.get(f"/histograms/of/{experiment}/{run}/?trial={trial.pk}")
    assert page.context["rates"].by_element == {}


@pytest.mark.parametrize("value", ["x", "999999", "9" * 30])
def test_a_trial_that_is_none_is_named(client: Client, trial: Trial, value: str) -> None:
    experiment, run, _ = place_of(trial)
    answer = client.get(f"/histograms/of/{experiment}/{run}/?trial={value}")
    assert answer.status_code == 400
    assert "trial: " in answer.content.decode()
