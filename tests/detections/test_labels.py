"""Labels: what a person said of a thing, never changed, taken back by another row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from detections.models import Detection, Label, SampleSet
from detections.services import run_trial
from detections.services.labels import NotYours, OtherLabel, add_label, retract_label
from detections.services.things import (
    NoSuchThing,
    light_curve_named,
    lumisection_named,
    source_named,
    thing_of,
)
from histos.models import MonitoringElement
from lightcurves.models import LightCurve, Source
from project.errors import UserError
from project.models import SourceFile
from runs.models import Lumisection

pytestmark = pytest.mark.django_db
URL = "/api/v1/labels/"


@pytest.fixture
def detection(catalog_set: SampleSet) -> Detection:
    return run_trial(catalog_set, "robust_z")[0].detections.get(rank=1)


def say(client: Client, **body: Any) -> Any:
    return client.post(URL, body, content_type="application/json")


def test_the_latest_of_each_person_stands_until_it_is_taken_back(
    detection: Detection, member: Callable[..., Any]
) -> None:
    ada, bob = member("shifter"), member("expert")
    thing = thing_of(detection)
    first, _ = add_label(ada, thing, score=2, detection=detection)
    other, _ = add_label(bob, thing, tag="RR Lyrae")
    second, _ = add_label(ada, thing, score=5, comment="after the spectrum")
    assert set(Label.objects.current()) == {second, other}
    retract_label(second, ada)
    assert set(Label.objects.current()) == {first, other}
    retract_label(first, bob, comment="an artefact")
    assert set(Label.objects.current()) == {other}
    third, _ = add_label(ada, thing, score=1)
    assert set(Label.objects.current()) == {third, other}
    assert Label.objects.count() == 6


def test_it_is_taken_back_once_and_by_who_may(detection: Detection, member: Callable[..., Any]) -> None:
    ada, eve = member("shifter"), member("viewer")
    label, _ = add_label(ada, thing_of(detection), score=2)
    with pytest.raises(NotYours):
        retract_label(label, eve)
    back, new = retract_label(label, ada, client_key="u1")
    assert new
    assert retract_label(label, ada, client_key="u1") == (back, False)
    with pytest.raises(OtherLabel, match="taken back already"):
        retract_label(label, ada)
    with pytest.raises(OtherLabel, match="say it anew"):
        retract_label(back, ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.create(user=ada, key="k", retracts=label)


def test_a_row_is_never_changed_nor_deleted(detection: Detection, shifter: Any) -> None:
    label, _ = add_label(shifter, thing_of(detection), score=2)
    label.score = 3
    with pytest.raises(IntegrityError), transaction.atomic():
        label.save()
    with pytest.raises(TypeError, match="retract"):
        label.delete()
    assert Label.objects.get().score == 2


@pytest.mark.parametrize("said", [{"score": 6}, {"score": -1}, {}, {"score": None, "tag": "", "comment": ""}])
def test_a_label_that_says_nothing_is_refused(
    detection: Detection, shifter: Any, said: dict[str, Any]
) -> None:
    with pytest.raises(UserError):
        add_label(shifter, thing_of(detection), **said)
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.create(user=shifter, key="k", **said)


def test_what_is_sent_twice_is_stored_once(detection: Detection, member: Callable[..., Any]) -> None:
    ada, bob = member("shifter"), member("expert")
    thing = thing_of(detection)
    first, new = add_label(ada, thing, score=2, client_key="a1")
    assert new
    assert add_label(ada, thing, score=2, client_key="a1") == (first, False)
    assert add_label(bob, thing, score=2, client_key="a1")[1]
    with pytest.raises(OtherLabel, match="a1"):
        add_label(ada, thing, score=3, client_key="a1")


def test_it_outlives_the_rows_it_points_to(detection: Detection, shifter: Any) -> None:
    label, _ = add_label(shifter, thing_of(detection), score=5, detection=detection)
    key = detection.key
    detection.trial.delete()
    Source.objects.all().delete()
    label.refresh_from_db()
    assert (label.key, label.detection, label.source) == (key, None, None)
    assert label in Label.objects.current()


def test_what_is_said_of_an_injected_copy_is_not_said_of_the_real_one(
    faulty_set: SampleSet, shifter: Any
) -> None:
    detection = run_trial(faulty_set, "reference_chi2")[0].detections.get(rank=1)
    thing = thing_of(detection)
    dataset = faulty_set.parent.recipe["dataset"]
    assert (thing.key, thing.simulated) == (f"{detection.key} {dataset}", True)
    where, element = detection.key.split(" ", 1)
    Lumisection.objects.filter(pk=detection.lumisection_id).get().run.__class__.objects.update(
        simulated=False
    )
    real = lumisection_named(where, element, dataset)
    assert (real.key, real.simulated) == (thing.key, False)
    copy, _ = add_label(shifter, thing, score=5)
    label, _ = add_label(shifter, real, score=0)
    assert set(Label.objects.current()) == {copy, label}


def test_things_are_found_by_their_natural_keys(series_set: SampleSet, histogram_set: SampleSet) -> None:
    curve = LightCurve.objects.select_related("source").first()
    thing = light_curve_named(f"curves:{curve.source.name}:toy:R")
    assert (thing.light_curve_id, thing.source_id) == (curve.pk, curve.source_id)
    assert source_named(f"curves:{curve.source.name}").source_id == curve.source_id
    lumisection = Lumisection.objects.select_related("run").first()
    key = f"{lumisection.run.experiment}:{lumisection.run.number}:{lumisection.number}"
    assert lumisection_named(key).lumisection_id == lumisection.pk
    assert lumisection_named(key).key == key
    assert MonitoringElement.objects.exists()


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("lumisection", "CMS:1:1"), ("lumisection", "CMS"), ("lumisection", "CMS:x:1"), ("lumisection", "CMS:1:²"),
        ("lumisection", "CMS:1:99999999999999999999999"), ("source", "toy"), ("source", "toy:none"),
        ("source", "toy:" + "x" * 390), ("light_curve", "a:b"), ("light_curve", "toy:s00000:R:x"),
        ("source", "toy:a\0b"), ("source", "toy:\u202ea"), ("source", "x" * 10_000),
    ],
)  # fmt: skip
def test_a_thing_that_is_not_there_is_told(
    client: Client, shifter: Any, catalog_set: SampleSet, field: str, key: str
) -> None:
    client.force_login(shifter)
    answer = say(client, **{field: key}, score=1)
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["errors"]
    assert not Label.objects.exists()


def test_what_is_being_loaded_is_not_there_yet(shifter: Any, catalog_set: SampleSet) -> None:
    file = SourceFile.objects.create(name="a.csv", reader="x", state="loading")
    Source.objects.filter(name="s00001").update(file=file)
    with pytest.raises(NoSuchThing):
        source_named("toy:s00001")


def test_shifters_say_it_over_the_api(client: Client, shifter: Any, detection: Detection) -> None:
    client.force_login(shifter)
    answer = say(
        client, detection=detection.pk, score=4, tag="nova", comment="two\nlines <b>", client_key="x"
    )
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert answer["Location"] == f"{URL}{shown['id']}/"
    assert (shown["user"], shown["key"], shown["score"]) == ("shifter", detection.key, 4)
    assert (shown["detection"], shown["comment"]) == (detection.pk, "two\nlines <b>")
    again = say(client, detection=detection.pk, score=4, tag="nova", comment="two\nlines <b>", client_key="x")
    assert (again.status_code, again.json()) == (200, shown)
    assert say(client, detection=detection.pk, score=1, client_key="x").status_code == 409
    back = say(client, retracts=shown["id"])
    assert (back.status_code, back.json()["retracts"]) == (201, shown["id"])
    assert say(client, retracts=shown["id"]).status_code == 409
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(f"{URL}{shown['id']}/").status_code == 405


def test_somebody_elses_label_is_not_taken_back(
    client: Client, member: Callable[..., Any], detection: Detection
) -> None:
    label, _ = add_label(member("expert"), thing_of(detection), score=2)
    client.force_login(member("shifter"))
    answer = say(client, retracts=label.pk)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"score": 1}, "request"), ({"detection": 1, "source": "toy:a", "score": 1}, "request"),
        ({"detection": 987654, "score": 1}, "detection"), ({"retracts": 987654}, "retracts"),
        ({"retracts": 1, "score": 2}, "retracts"), ({"source": "toy:s00000"}, "score"),
        ({"source": "toy:s00000", "score": 6}, "score"), ({"source": "toy:s00000", "score": 2.5}, "score"),
        ({"source": "toy:s00000", "score": True}, "score"), ({"source": "toy:s00000", "tag": "x" * 65}, "tag"),
        ({"source": "toy:s00000", "tag": "a\0b"}, "tag"), ({"source": "toy:s00000", "comment": "a\0b"}, "comment"),
        ({"source": "toy:s00000", "comment": "x" * 4_001}, "comment"),
        ({"source": "toy:s00000", "score": 1, "element": "x"}, "element"),
        ({"source": "toy:s00000", "score": 1, "user": "expert"}, "user"),
    ],
)  # fmt: skip
def test_a_wrong_label_is_told_by_field(
    client: Client, shifter: Any, catalog_set: SampleSet, body: dict[str, Any], field: str
) -> None:
    client.force_login(shifter)
    answer = say(client, **body)
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["errors"], answer.json()
    assert not Label.objects.exists()


def test_they_are_found_by_who_said_what_of_which(
    client: Client, member: Callable[..., Any], detection: Detection
) -> None:
    ada, bob = member("shifter"), member("expert")
    thing = thing_of(detection)
    old, _ = add_label(ada, thing, score=1, detection=detection)
    new, _ = add_label(ada, thing, score=4, tag="nova")
    other, _ = add_label(bob, source_named("toy:s00200"), score=5)
    client.force_login(ada)

    def found(query: str) -> list[int]:
        return [row["id"] for row in client.get(f"{URL}?{query}").json()["results"]]

    assert found("") == [other.pk, new.pk, old.pk]
    assert found("user=shifter") == [new.pk, old.pk]
    assert found(f"detection={detection.pk}") == [old.pk]
    assert found(f"source={detection.source.name}&score__gte=2") == [new.pk]
    assert found("tag=nova") == [new.pk]
    assert found("key=toy:s00200") == [other.pk]
    assert found("current=true") == [other.pk, new.pk]
    assert found("current=false") == [old.pk]
    assert found("created__gte=2000-01-01T00:00:00Z&simulated=false&page_size=1") == [other.pk]


def test_the_admin_shows_them_and_changes_none(client: Client, admin: Any, detection: Detection) -> None:
    label, _ = add_label(admin, thing_of(detection), score=2)
    client.force_login(admin)
    assert client.get("/admin/detections/label/").status_code == 200
    assert client.get(f"/admin/detections/label/{label.pk}/change/").status_code == 200
    assert client.post(f"/admin/detections/label/{label.pk}/change/", {"score": 5}).status_code == 403
    assert client.post(f"/admin/detections/label/{label.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/detections/label/add/").status_code == 403
