"""How many queries each page of histograms takes, on record in tests/query_counts.json, however many runs there are."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from histos.models import LumisectionHistogram
from runs.models import Certification, Run
from tests.histos.stored import FLAT, store

pytestmark = pytest.mark.django_db
QUERIES = json.loads((Path(__file__).parents[1] / "query_counts.json").read_text())["histogram pages"]
URLS = {
    "browse": "browse/",
    "tree": "of/CMS/9/?folder=Pixel/",
    "tree of a lumisection": "of/CMS/9/?ls=2",
    "element in a run": "{pk}/CMS/9/",
    "golden reference": "{pk}/CMS/9/?reference=golden",
    "similar reference": "{pk}/CMS/9/?reference=similar",
    "figure": "{pk}/CMS/9/figure.json?norm=luminosity",
    "missing": "missing/CMS/9/",
    "missing by run": "missing/",
    "trend": "{pk}/runs/",
    "trend figure": "{pk}/runs/figure.json",
    "run-level trends": "trends/",
}


@pytest.mark.parametrize("name", URLS)
def test_the_number_of_queries_is_on_record(client: Client, viewer: Any, name: str) -> None:
    client.force_login(viewer)
    one = store("Pixel/e", [FLAT] * 4, run=1)
    for number in range(2, 18):
        made = store(f"Pixel/e{number:02}", [FLAT] * 4, run=number)
        LumisectionHistogram.objects.filter(element=made).update(element=one)
        run = Run.objects.get(number=number)
        Certification.objects.create(run=run, first=1, last=3, flag="golden", status="GOOD", source="g.json")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/histograms/{URLS[name].format(pk=one.pk)}").status_code == 200
    assert len(queries) <= QUERIES[name], [one["sql"][:160] for one in queries.captured_queries]
