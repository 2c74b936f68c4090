"""Scores on the pages of runs, from whoever offers them; the states of lumisections."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from django.test import Client

from project.sparks import ALARM
from runs.scores import Choice, RunScores, Scored, offer
from runs.states import Span, overlaid
from tests.runs.page_world import figure_of, make_run, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_viewer")]


class Offered:
    """Scores of lumisections 3 to 6: below, above, not scored, at the threshold."""

    parameter = "trial"
    label = "Scores of trial"

    def choices(self, runs: Any) -> list[Choice]:
        return [Choice("8", "pca <b> on set", "/trials/8/", ("injected",))]

    def default(self, choices: Any, simulated: bool) -> str:
        return "8" if simulated else ""

    def scores(self, value: str, runs: Any) -> Scored:
        if value != "8":
            raise ValueError(f"there is no trial {value}")
        found = RunScores(np.arange(3, 7), np.array([1, 3, np.nan, 2.0]), ["x <b>"] * 4)
        return Scored(self.choices(runs)[0], 2.0, {run: found for run in runs if run.number == 316187})


@pytest.fixture
def _offered(as_viewer: None) -> None:
    offer(Offered())  # type: ignore[arg-type]


@pytest.mark.usefixtures("_offered")
def test_scores_make_a_strip_of_their_own(client: Client) -> None:
    make_run(316187)
    make_run(316190)
    assert "pca &lt;b&gt; on set: " not in text_of(client, "/runs/")
    text = text_of(client, "/runs/?trial=8")
    assert "<title>pca &lt;b&gt; on set: 1 good, 7 not scored, 2 bad</title>" in text
    assert text.count("<title>pca") == 1, "a run that the trial did not see has no strip of it"
    assert ">injected</span>" in text
    assert "there is no trial 9" in text_of(client, "/runs/?trial=9", 400)


@pytest.mark.usefixtures("_offered")
def test_the_score_is_drawn_with_its_threshold(client: Client) -> None:
    make_run(316187)
    traces = {trace["name"]: trace for trace in figure_of(client, "?trial=8")["data"]}
    assert {"score", "threshold 2", "flagged"} <= traces.keys()
    assert traces["score"]["text"] == ["x &lt;b&gt;"] * 4
    assert "score" not in {trace["name"] for trace in figure_of(client, "?trial=none")["data"]}
    assert client.get("/runs/CMS/316187/figure.json?trial=9").status_code == 400


@pytest.mark.usefixtures("_offered")
def test_simulated_runs_show_scores_unless_none_are_asked_for(client: Client) -> None:
    make_run(316187, simulated=True)
    assert "<title>pca" in text_of(client, "/runs/")
    assert "<title>pca" not in text_of(client, "/runs/?trial=none")


def test_without_a_threshold_nothing_is_judged() -> None:
    found = RunScores(np.array([1, 2]), np.array([5.0, np.nan]), ["", ""])
    assert found.spans(None) == [Span(1, 2, "not scored")]


# states


def test_later_layers_cover_earlier_ones_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        ends = np.sort(rng.integers(-3, 25, (6, 2)), axis=1)
        layers = [Span(int(a), int(b), ALARM[rng.integers(5)]) for a, b in ends]
        expected = dict.fromkeys(range(1, 21), "no data")
        for one in layers:
            expected |= dict.fromkeys(range(max(one.first, 1), min(one.last, 20) + 1), one.state)
        spans = overlaid(layers, 20)
        assert {n: one.state for one in spans for n in range(one.first, one.last + 1)} == expected
        assert all(a.state != b.state for a, b in pairwise(spans))
