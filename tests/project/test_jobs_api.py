"""Cancelling a job and running it again, over the API: who may, and what is recorded of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from project.jobs import services
from project.models import Job
from tests import tasks

pytestmark = pytest.mark.django_db


def finished(**fields: Any) -> Job:
    return Job.objects.create(
        task="tests.tasks.add", kwargs={"a": 1, "b": 2}, title="sum", state="succeeded", **fields
    )


def test_who_started_a_job_may_cancel_it_and_is_recorded(client: Client, member: Callable[..., Any]) -> None:
    owner, other = member("shifter"), member("viewer")
    job = services.start(tasks.add, owner=owner, a=1, b=2)
    client.force_login(other)
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel/").status_code == 403
    client.force_login(owner)
    answer = client.post(f"/api/v1/jobs/{job.pk}/cancel/").json()
    assert (answer["state"], answer["cancelled_by"], answer["owner"]) == ("cancelled", "shifter", "shifter")


def test_a_rerun_is_a_new_job_of_who_asked(client: Client, expert: Any) -> None:
    old = finished()
    client.force_login(expert)
    answer = client.post(f"/api/v1/jobs/{old.pk}/rerun/")
    assert answer.status_code == 202
    shown = answer.json()
    assert answer["Location"] == f"/api/v1/jobs/{shown['id']}/"
    assert (shown["rerun_of"], shown["owner"], shown["state"]) == (old.pk, "expert", "queued")
    assert client.get(answer["Location"]).json() == shown


def test_an_owner_who_is_no_expert_any_more_starts_nothing(client: Client, shifter: Any) -> None:
    client.force_login(shifter)
    assert client.post(f"/api/v1/jobs/{finished(owner=shifter).pk}/rerun/").status_code == 403


def test_what_cannot_be_run_again_is_a_conflict(client: Client, expert: Any) -> None:
    client.force_login(expert)
    running = Job.objects.create(task="tests.tasks.add", state="running")
    gone = Job.objects.create(task="tests.tasks.gone", state="failed")
    for job, says in ((running, "has not ended"), (gone, "no task")):
        answer = client.post(f"/api/v1/jobs/{job.pk}/rerun/")
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
        assert says in answer.json()["detail"]
    assert client.post("/api/v1/jobs/999999/rerun/").status_code == 404
    assert client.post(f"/api/v1/jobs/{finished().pk}/rerun/?force=1").status_code == 400
    assert Job.objects.filter(rerun_of__isnull=False).count() == 0


def test_where_files_lie_on_the_server_is_not_told(client: Client, viewer: Any) -> None:
    job = Job.objects.create(task="x", kwargs={"paths": ["/srv/secret/a.csv"], "upload": "0" * 32 + "/b.csv"})
    client.force_login(viewer)
    shown = client.get(f"/api/v1/jobs/{job.pk}/").json()["kwargs"]
    assert shown == {"paths": ["a.csv"], "upload": "b.csv"}
