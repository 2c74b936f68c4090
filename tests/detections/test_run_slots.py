"""What trials say on the pages of runs: their scores per lumisection, and what they flag."""

import zlib
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from detections.models import Detection, SampleSet, ScoreBlock, Trial
from detections.slots.runs import STRONGEST
from detections.verdicts.positions import CHUNK, find
from detections.verdicts.scores import TrialScorer
from runs.models import Lumisection, Run
from runs.scores import RunKey

pytestmark = pytest.mark.django_db
ELEMENTS = ("Pixel/charge layer 1", "Tracks/<b>pt</b>")
KEYS = [f"CMS:{run}:{ls} {element}" for element in ELEMENTS for run in (5, 51) for ls in (1, 2, 3)]
SCORES = [0.5, 7.0, np.nan, 1, 1, 1, 0.1, 8.0, np.nan, 9, np.nan, 1]


@pytest.fixture(autouse=True)
def _signed_in(client: Client, viewer: Any) -> None:
    client.force_login(viewer)


def make_set(name: str, parent: SampleSet | None = None, **more: Any) -> SampleSet:
    recipe = {"injection": {}} if parent else {"experiment": "CMS", "runs": [5, 51]}
    return SampleSet.objects.create(
        name=name, hash=name, world="histograms", kind="histograms", recipe=recipe, split="holdout", parent=parent,
        n_samples=12, n_scores=12, n_groups=2, n_fit=6, n_score=6, groups=b"", roles=[], folds=[],
        keys=zlib.compress("\n".join(KEYS).encode()), **more,
    )  # fmt: skip


def make_trial(sample_set: SampleSet, detector: str = "pca", threshold: float | None = 7.0) -> Trial:
    trial = Trial.objects.create(
        sample_set=sample_set, detector=detector, inputs=f"{sample_set.name}{detector}", threshold=threshold
    )
    ScoreBlock.objects.create(trial=trial, number=0, maximum=9, scores=np.array(SCORES))
    return trial


def make_run(number: int) -> Run:
    run = Run.objects.create(number=number)
    Lumisection.objects.bulk_create(Lumisection(run=run, number=ls) for ls in (1, 2, 3))
    return run


def flag(trial: Trial, rank: int, lumisection: Lumisection, element: str = ELEMENTS[1]) -> None:
    run = lumisection.run
    Detection.objects.create(
        trial=trial, rank=rank, position=1, key=f"{run.experiment}:{run.number}:{lumisection.number} {element}",
        score=10.0 - rank, lumisection=lumisection, reasons=[{"bin": 3, "pull": 7.25}],
    )  # fmt: skip


def test_the_highest_score_of_a_lumisection_stands_for_it() -> None:
    trial = make_trial(make_set("a"))
    scored = TrialScorer().scores(str(trial.pk), [RunKey("CMS", 5), RunKey("CMS", 6)])
    assert list(scored.runs) == [RunKey("CMS", 5)], "a run the trial did not see has no scores"
    found = scored.runs[RunKey("CMS", 5)]
    np.testing.assert_array_equal(found.numbers, [1, 2, 3])
    np.testing.assert_array_equal(found.values, [0.5, 8.0, np.nan])
    assert [found.what[0], found.what[1]] == list(ELEMENTS)
    assert [span.state for span in found.spans(scored.threshold)] == ["good", "bad", "not scored"]


def test_one_scored_element_is_enough() -> None:
    trial = make_trial(make_set("a"))
    found = TrialScorer().scores(str(trial.pk), [RunKey("CMS", 51)]).runs[RunKey("CMS", 51)]
    np.testing.assert_array_equal(found.values, [9, 1, 1])


def test_positions_are_found_across_pieces_of_large_keys() -> None:
    lines = [f"CMS:{run}:{ls} {'x' * 90}" for run in range(1, 201) for ls in range(1, 301)]
    blob = zlib.compress("\n".join(lines).encode(), 1)
    assert len("\n".join(lines)) > CHUNK
    found = find(blob, [f"CMS:{run}" for run in (1, 77, 200, 201)])
    assert found.pop("CMS:201") is None
    for group, placed in found.items():
        assert placed is not None
        assert [lines[at] for at in placed.positions] == [
            line for line in lines if line.startswith(f"{group}:")
        ]
        np.testing.assert_array_equal(placed.lumisections, np.arange(1, 301))


def test_what_was_found_once_is_not_looked_for_again() -> None:
    trial = make_trial(make_set("a"))
    scorer, runs = TrialScorer(), [RunKey("CMS", 5)]
    scorer.scores(str(trial.pk), runs)
    with CaptureQueriesContext(connection) as queries:
        scorer.scores(str(trial.pk), runs)
    assert '"keys"' not in " ".join(one["sql"] for one in queries.captured_queries)
    assert len(queries) == 2


@pytest.mark.parametrize("value", ["x", "-1", "999", "9" * 30, "", "1.5", "²"])
def test_what_is_no_trial_is_an_error_that_says_so(value: str) -> None:
    with pytest.raises(ValueError, match="trial"):
        TrialScorer().scores(value, [RunKey("CMS", 5)])


def test_trials_that_saw_the_run_are_offered_the_sensible_first() -> None:
    real = make_set("real")
    injected = make_set("injected", real, simulated=True)
    elsewhere = SampleSet.objects.get(pk=make_set("elsewhere").pk)
    SampleSet.objects.filter(pk=elsewhere.pk).update(recipe={"experiment": "CMS", "runs": [999]})
    for sample_set, detector in ((real, "pca"), (real, "random"), (injected, "knn"), (elsewhere, "lof")):
        make_trial(sample_set, detector)
    choices = TrialScorer().choices([RunKey("CMS", 5)])
    assert [choice.label for choice in choices] == ["pca on real", "random on real", "knn on injected"]
    assert choices[2].marks == ("injected", "simulated")
    assert TrialScorer().choices([RunKey("other", 5)]) == []


def test_scores_of_injected_data_are_never_shown_of_real_runs_unasked() -> None:
    make_trial(make_set("injected", make_set("real")))
    choices = TrialScorer().choices([RunKey("CMS", 5)])
    assert TrialScorer().default(choices, simulated=False) == ""
    assert TrialScorer().default(choices, simulated=True) == choices[0].value


def test_the_run_page_shows_strips_scores_and_the_strongest_detections(client: Client) -> None:
    run, trial = make_run(5), make_trial(make_set("a"))
    for rank, lumisection in enumerate([*run.lumisections.order_by("number")] * 2, start=1):
        flag(trial, rank, lumisection)
    text = client.get("/runs/CMS/5/").content.decode()
    assert text.count('<tr data-row><th scope="row"><a href="/trials/') == 1
    assert text.count('data-label="rank"') == STRONGEST
    for words in ("Tracks/<wbr>&lt;b&gt;pt&lt;/<wbr>b&gt;", 'data-label="flagged here">6<', ": 7.25 σ too many",
                  '"/runs/CMS/5/2/"', "lumisection-histograms/?experiment=CMS&amp;run=5&amp;format="):  # fmt: skip
        assert words in text, words
    figure = client.get("/runs/CMS/5/figure.json").json()
    assert "threshold 7" in {trace["name"] for trace in figure["data"]}
    assert "<title>pca on a: 1 good, 1 not scored, 1 bad</title>" in client.get("/runs/").content.decode()
    assert client.get("/runs/?trial=999").status_code == 400


def test_the_strongest_detections_are_one_query_whatever_the_trials(client: Client) -> None:
    run = make_run(5)
    for number in range(8):
        trial = make_trial(make_set(f"set {number}"))
        for rank, lumisection in enumerate(run.lumisections.order_by("number"), start=1):
            flag(trial, rank, lumisection)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/runs/CMS/5/?trial=none").status_code == 200
    assert sum('"detections_detection"' in one["sql"] for one in queries.captured_queries) == 1


def test_the_range_names_the_histograms_in_it(client: Client) -> None:
    make_run(5)
    text = client.get("/runs/CMS/5/?first=2&last=3").content.decode()
    assert "run=5&amp;lumisection__gte=2&amp;lumisection__lte=3&amp;format=npz" in text
    answer = client.get(
        "/api/v1/lumisection-histograms/?experiment=CMS&run=5&lumisection__gte=2&lumisection__lte=3"
    )
    assert answer.status_code == 200


def test_the_lumisection_page_lists_what_trials_flag_in_it(client: Client) -> None:
    run = make_run(5)
    trial = make_trial(make_set("injected", make_set("real"), simulated=True))
    first, second, _ = run.lumisections.order_by("number")
    flag(trial, 1, first)
    flag(trial, 2, second, "Other/element")
    text = client.get("/runs/CMS/5/1/").content.decode()
    assert "Tracks/<wbr>&lt;b&gt;pt" in text
    assert ">injected</span>" in text
    assert "Other/element" not in text
    assert "No trial flags this lumisection" in client.get("/runs/CMS/5/3/").content.decode()
