"""Runs for the tests of their pages, and reading a page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from runs.models import Certification, Lumisection, Run

HOSTILE = "<script>alert('x')</script>\u202e=1+1"
START = datetime(2018, 5, 1, 12, tzinfo=UTC)


def make_run(number: int, lumisections: Any = range(1, 11), **fields: Any) -> Run:
    hours = timedelta(hours=number % 1000)
    times = {"start_time": START + hours, "end_time": START + hours + timedelta(minutes=90)}
    run = Run.objects.create(**{"number": number, "era": "Run2018A", "fill_number": 6600, **times, **fields})
    Lumisection.objects.bulk_create(
        Lumisection(run=run, number=ls, start_time=START, delivered_luminosity=0.5, recorded_luminosity=0.4,
                    pileup=30 + ls, flags={"bpix_ready": ls > 2, "prescale": "2018"})
        for ls in lumisections
    )  # fmt: skip
    return run


def certify(
    run: Run, first: int, last: int | None, status: str = "GOOD", flag: str = "golden", **more: Any
) -> None:
    more.setdefault("source", f"{flag}.json")
    Certification.objects.create(run=run, first=first, last=last, flag=flag, status=status, **more)


def text_of(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content[:500]
    assert len(answer.content) < 150_000
    return answer.content.decode()


def figure_of(client: Client, asked: str = "") -> dict[str, Any]:
    return client.get(f"/runs/CMS/316187/figure.json{asked}").json()
