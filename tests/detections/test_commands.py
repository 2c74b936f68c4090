"""freeze_samples, inject, run_trial and compare_trials from the command line."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from detections.models import SampleSet, Trial
from project.jobs import services as jobs
from project.models import Job

HISTOGRAMS = ("--world", "histograms", "--experiment", "CMS-simulated")


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def test_the_main_job(simulated_histograms: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    dataset = simulated_histograms["dataset"]
    call_command(
        "freeze_samples", "s", *HISTOGRAMS, "--dataset", dataset, "--elements", "*", "--folds", "2", "--json"
    )
    frozen = last_line(capsys)
    assert frozen["new"]
    assert frozen["samples"] == frozen["score"] > 0

    call_command("inject", "s", "s-faults", "--kinds", "shift", "hot_bin", "--fraction", "0.2", "--json")
    assert last_line(capsys)["truth"] > 0

    call_command("run_trial", "s-faults", "reference_chi2", "random", "--json")
    assert last_line(capsys)["stored"] == 2
    call_command("run_trial", "s-faults", "reference_chi2", "random", "--json")
    again = last_line(capsys)
    assert (again["stored"], again["known"]) == (0, 2)

    call_command("compare_trials", "s-faults", "--n-boot", "20", "--json")
    compared = last_line(capsys)
    assert compared["best"]["all"] == "reference_chi2"
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.SUCCEEDED}
    assert Trial.objects.filter(job__isnull=False).count() == 2


def test_a_person_reads_a_table(catalog_set: SampleSet, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("run_trial", catalog_set.name, "robust_z", "constant")
    call_command("compare_trials", catalog_set.name, "--n-boot", "20")
    text = capsys.readouterr().out
    assert "robust_z: computed, 300 scored" in text
    assert "rare: 12 of 300" in text
    assert "This says nothing about anomalies of other kinds" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("freeze_samples", "x", *HISTOGRAMS, "--dataset", "D", "--elements", "e"), "no monitoring element"),
        (("freeze_samples", "x", *HISTOGRAMS, "--dataset", "D"), "needs --elements"),
        (
            ("freeze_samples", "x", *HISTOGRAMS, "--dataset", "D", "--elements", "e", "--catalog", "c"),
            "--catalog has no",
        ),
        (("freeze_samples", "x", "--world", "catalog", "--catalog", "c", "--columns", "mag"), "'c'"),
        (
            ("freeze_samples", "x", "--world", "catalog", "--catalog", "c", "--columns", "m", "--truth", "T"),
            "not ATTRIBUTE",
        ),
        (("inject", "nothing", "y"), "no sample set 'nothing'"),
        (("run_trial", "nothing", "knn"), "no sample set 'nothing'"),
        (("run_trial", "nothing", "knn", "--params", "{"), "not JSON"),
        (("run_trial", "nothing", "knn", "--params", '{"pca": {}}'), "pca, which is not run"),
        (("compare_trials", "nothing"), "no sample set 'nothing'"),
        (("compare_trials", "nothing", "--far", "nan"), "far nan cannot be kept"),
        (("run_trial", "nothing", "pca", "--seed", "99999999999999999999"), "more than 64 bits"),
        (("inject", "nothing", "y", "--fraction", "nan"), "fraction nan cannot be kept"),
    ],
)
def test_a_wrong_request_ends_in_one_line(db: None, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message.replace("(", r"\(")) as error:
        call_command(*arguments)
    assert error.value.returncode == 1
    assert "\n" not in str(error.value)


def test_a_left_out_detector_is_no_success(catalog_set: SampleSet) -> None:
    with pytest.raises(SystemExit) as leaving:
        call_command("run_trial", catalog_set.name, "reference_chi2", "robust_z")
    assert leaving.value.code == 1
    assert Trial.objects.filter(state=Trial.State.DONE).count() == 1


def test_the_worker_can_do_it_instead(catalog_set: SampleSet, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        call_command("run_trial", catalog_set.name, "robust_z", "--queue", "--json")
    assert leaving.value.code == 0
    job = Job.objects.get(pk=last_line(capsys)["job"])
    assert job.state == Job.State.QUEUED
    assert not Trial.objects.exists()
    jobs.work_on(jobs.claim())
    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED
    assert Trial.objects.get().job == job
