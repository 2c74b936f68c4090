"""Pages of trials and detections: what is strange, why, and what people say of it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from detections.models import Detection, Label, SampleSet, Trial
from detections.reasons.binnings import binnings_of
from detections.reasons.seen import SeenHistogram, SeenRow, SeenSeries, seen
from detections.reasons.wording import reasons_in_words
from detections.services import add_label, inject_samples, open_set, retract_label, run_trial
from detections.services.things import thing_of
from project.models import Job

pytestmark = pytest.mark.django_db
QUERIES = json.loads((Path(__file__).parents[1] / "query_counts.json").read_text())["pages of detections"]


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return str(answer.content.decode())


@pytest.fixture
def trial(faulty_set: SampleSet) -> Trial:
    return run_trial(faulty_set, "robust_z", alarm_fraction=0.1)[0]


def test_what_is_drawn_is_what_the_detector_saw_not_what_is_stored(
    faulty_set: SampleSet, trial: Trial
) -> None:
    opened = open_set(faulty_set)
    flagged = list(trial.detections.all())
    assert flagged
    saw = seen(faulty_set, flagged)
    assert set(saw) == {one.pk for one in flagged}
    injected = 0
    for one in flagged:
        part = next(part for part in opened.parts if one.key.endswith(f" {part.element}"))  # type: ignore[union-attr]
        place = opened.at(one.position)
        what = saw[one.pk]
        assert isinstance(what, SeenHistogram)
        assert np.array_equal(what.counts, part.counts[place.row])  # type: ignore[union-attr]
        injected += what.before is not None
    assert injected


def test_an_injected_series_is_drawn_as_it_was_scored(series_set: SampleSet) -> None:
    child = inject_samples(series_set, "events", fraction=1.0, seed=2)[0]
    trial = run_trial(child, "robust_z", alarm_fraction=0.05)[0]
    opened = open_set(child)
    flagged = list(trial.detections.all())
    saw = seen(child, flagged)
    part: Any = opened.parts[0]
    for one in flagged:
        what = saw[one.pk]
        assert isinstance(what, SeenSeries)
        row = list(part.ids).index(one.key)
        here = slice(part.offsets[row], part.offsets[row + 1])
        assert np.array_equal(what.values, part.values[here])


def test_of_a_catalogue_the_columns_are_shown(client: Client, viewer: Any, catalog_set: SampleSet) -> None:
    trial = run_trial(catalog_set, "robust_z", alarm_fraction=0.1)[0]
    first = trial.detections.first()
    assert isinstance(seen(catalog_set, [first])[first.pk], SeenRow)
    client.force_login(viewer)
    assert "V-I" in text_of(client, f"/trials/{trial.pk}/")
    page = text_of(client, f"/detections/{first.pk}/")
    assert "Its row" in page
    assert "rare" in page


def test_the_trial_page_ranks_what_it_flags_page_by_page(client: Client, viewer: Any, trial: Trial) -> None:
    client.force_login(viewer)
    first = text_of(client, f"/trials/{trial.pk}/")
    ranks = [trial.detections.get(rank=rank) for rank in (1, 2)]
    assert first.index(f"/detections/{ranks[0].pk}/") < first.index(f"/detections/{ranks[1].pk}/")
    assert "from=25" in first
    assert first.count("<svg") >= 20
    later = text_of(client, f"/trials/{trial.pk}/?from=25")
    assert f"/detections/{ranks[0].pk}/" not in later


@pytest.mark.parametrize("page", QUERIES)
def test_a_page_takes_few_queries(client: Client, shifter: Any, trial: Trial, page: str) -> None:
    """However many it shows: nothing is asked row by row."""
    first = trial.detections.get(rank=1)
    urls = {"trial of histograms": f"/trials/{trial.pk}/", "detection": f"/detections/{first.pk}/",
            "labelled detection": f"/detections/{first.pk}/", "detector": "/detectors/robust_z/"}  # fmt: skip
    if page == "labelled detection":
        add_label(shifter, thing_of(first), score=3, detection=first)
    client.force_login(shifter)
    with CaptureQueriesContext(connection) as queries:
        text_of(client, urls[page])
    assert len(queries) <= QUERIES[page], [one["sql"][:160] for one in queries.captured_queries]


def test_a_trial_shows_what_you_said_of_what_it_flags_until_you_take_it_back(
    client: Client, shifter: Any, expert: Any, trial: Trial
) -> None:
    first = trial.detections.get(rank=1)
    label, _ = add_label(shifter, thing_of(first), score=3, tag="odd", detection=first)
    client.force_login(shifter)
    assert "you: 3" in text_of(client, f"/trials/{trial.pk}/")
    client.force_login(expert)
    assert "you: " not in text_of(client, f"/trials/{trial.pk}/")
    retract_label(label, shifter)
    client.force_login(shifter)
    assert "you: " not in text_of(client, f"/trials/{trial.pk}/")
    assert "Nothing yet." in text_of(client, f"/detections/{first.pk}/")


def test_another_threshold_is_looked_at_without_being_kept(client: Client, viewer: Any, trial: Trial) -> None:
    client.force_login(viewer)
    third = trial.detections.get(rank=3)
    page = text_of(client, f"/trials/{trial.pk}/?threshold={third.score!r}")
    assert f"/detections/{third.pk}/" in page
    assert f"/detections/{trial.detections.get(rank=4).pk}/" not in page
    before = trial.threshold
    trial.refresh_from_db()
    assert trial.threshold == before


def test_an_expert_keeps_a_threshold_and_the_flags_follow(
    client: Client, shifter: Any, expert: Any, trial: Trial
) -> None:
    third = trial.detections.get(rank=3)
    url = f"/trials/{trial.pk}/threshold/"
    client.force_login(shifter)
    assert client.post(url, {"threshold": third.score}).status_code == 403
    client.force_login(expert)
    assert client.post(url, {"threshold": repr(third.score)}).status_code == 302
    assert trial.detections.count() == 3
    assert Job.objects.filter(owner=expert, title=f"threshold of trial {trial.pk}").exists()
    client.post(url, {"threshold": "nan"})
    assert trial.detections.count() == 3


def test_a_detections_page_says_why_and_what_is_known(client: Client, viewer: Any, trial: Trial) -> None:
    client.force_login(viewer)
    first = trial.detections.get(rank=1)
    page = text_of(client, f"/detections/{first.pk}/")
    words = reasons_in_words(first, binnings_of(first, seen(trial.sample_set, [first])[first.pk]))
    assert words
    assert "bin" not in words[0]
    assert words[0].split(":")[0] in page
    assert f"/detections/{trial.detections.get(rank=2).pk}/" in page
    assert "truth: " in page
    text_of(client, "/detections/999999/", 404)


def test_a_shifter_labels_and_takes_it_back_and_a_viewer_cannot(
    client: Client, viewer: Any, shifter: Any, trial: Trial
) -> None:
    first = trial.detections.get(rank=1)
    client.force_login(viewer)
    assert "Label as 3" not in text_of(client, f"/detections/{first.pk}/")
    assert client.post("/labels/", {"detection": first.pk, "score": "3"}).status_code == 403
    client.force_login(shifter)
    assert (
        client.post("/labels/", {"detection": first.pk, "score": "3", "tag": "<b>odd</b>"}).status_code == 302
    )
    label = Label.objects.get()
    assert (label.user, label.score, label.detection) == (shifter, 3, first)
    page = text_of(client, f"/detections/{first.pk}/")
    assert "&lt;b&gt;odd" in page
    assert client.post(f"/labels/{label.pk}/retract/").status_code == 302
    assert not Label.objects.current().exists()
    assert Label.objects.count() == 2


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"score": "7"},
        {"score": "x"},
        {"tag": "a\0b"},
        {"tag": "x" * 100},
        {"score": "1", "detection": "x"},
    ],
)
def test_a_wrong_label_is_not_stored(
    client: Client, shifter: Any, trial: Trial, typed: dict[str, str]
) -> None:
    client.force_login(shifter)
    first = trial.detections.get(rank=1)
    assert client.post("/labels/", {"detection": first.pk, **typed}).status_code in (302, 404)
    assert not Label.objects.exists()


def test_the_anomalies_page_shows_the_first_of_each_trial(client: Client, viewer: Any, trial: Trial) -> None:
    client.force_login(viewer)
    page = text_of(client, "/anomalies/")
    assert trial.detections.get(rank=1).key[:60] in page.replace("<wbr>", "")
    assert "simulated" in page
    assert "No trial is like that" in text_of(client, "/anomalies/?detector=none")


def test_reasons_are_words() -> None:
    one = Detection(
        reasons=[{"bin": 0, "pull": 12.34}, {"bin": 5, "pull": -3}, {"column": "V-I", "pull": 2.5}]
    )
    assert reasons_in_words(one) == ["underflow: 12.3 σ too many", "bin 5: 3 σ too few", "V-I: 2.5 σ high"]
    steps = Detection(reasons=[{"steps_back": 0, "pull": -4.0}, {"bin": 11, "pull": 1e9}])
    assert reasons_in_words(steps) == ["this step: 4 σ low", "bin 11: over 10,000 σ too many"]
