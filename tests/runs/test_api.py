"""Runs, lumisections and certifications over the API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from runs.models import Certification, Fill, Lumisection, Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _runs(client: Client, viewer: Any) -> None:
    client.force_login(viewer)
    for number in (315488, 315489):
        start = datetime(2018, 5, number - 315487, 12, tzinfo=UTC)
        run = Run.objects.create(number=number, start_time=start, era="Run2018A")
        for lumisection in (1, 2, 3):
            Lumisection.objects.create(
                run=run, number=lumisection, pileup=30 + lumisection, flags={"beam": True}
            )
        Certification.objects.create(
            run=run, first=1, last=2, flag="golden", status="GOOD", source="golden.json"
        )
    other = Run.objects.create(experiment="firefox-nightly", number=315488)
    Lumisection.objects.create(run=other, number=1)


def numbers(client: Client, url: str, *names: str) -> list[Any]:
    answer = client.get(f"/api/v1/{url}").json()
    rows = [tuple(row[name] for name in names) for row in answer["results"]]
    return [row[0] for row in rows] if len(names) == 1 else rows


def test_runs_are_found_by_time_and_number(client: Client) -> None:
    assert numbers(client, "runs/?start_time__gte=2018-05-02", "number") == [315489]
    assert numbers(client, "runs/?number=315488&ordering=number", "experiment") == ["CMS", "firefox-nightly"]
    assert (
        client.get("/api/v1/runs/?number=315489").json()["results"][0]["start_time"] == "2018-05-02T12:00:00Z"
    )


def test_lumisections_are_found_by_run_and_range(client: Client) -> None:
    found = numbers(client, "lumisections/?run=315489&number__gte=2", "run", "number", "pileup")
    assert found == [(315489, 2, 32.0), (315489, 3, 33.0)]
    assert numbers(client, "lumisections/?run=315488&experiment=firefox-nightly", "number") == [1]
    assert numbers(client, "lumisections/?run__in=315488,315489&pileup__gte=33", "run") == [315488, 315489]


def test_certifications_are_found_by_flag_and_status(client: Client) -> None:
    assert numbers(client, "certifications/?status=GOOD&run=315488", "first", "last") == [(1, 2)]
    assert numbers(client, "certifications/?flag=dcs-only", "id") == []


def test_fills_are_found_by_number_and_a_run_shows_what_was_told_of_it(client: Client) -> None:
    told = {"hlt_key": "/cdaq/physics", "l1_rate": {"value": 95_000.5, "unit": "Hz"}}
    Run.objects.filter(number=315488, experiment="CMS").update(fill_number=6675, attributes=told)
    Fill.objects.create(number=6675, peak_pileup=55.5, attributes={"injection_scheme": "25ns"})
    Fill.objects.create(number=6676)
    assert numbers(client, "fills/?number=6675", "number", "peak_pileup") == [(6675, 55.5)]
    assert numbers(client, "fills/?peak_pileup__gte=50&fields=number,attributes", "attributes") == [
        {"injection_scheme": "25ns"}
    ]
    run = client.get("/api/v1/runs/?number=315488&experiment=CMS").json()["results"][0]
    assert "attributes" not in run
    assert client.get(f"/api/v1/runs/{run['id']}/").json()["attributes"] == told
