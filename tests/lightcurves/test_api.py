"""Catalogues, sources and light curves over the API."""

from typing import Any

import numpy as np
import pytest
from django.test import Client

from lightcurves.models import Catalog, LightCurve, Source, Survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def curve(client: Client, viewer: Any) -> LightCurve:
    client.force_login(viewer)
    survey = Survey.objects.create(name="macho")
    for name in ("macho", "ogle3"):
        catalog = Catalog.objects.create(name=name)
        for number in (1, 2):
            source = Source.objects.create(
                catalog=catalog, name=f"star-{number}", ra=80.89375, dec=-69.75, mag=18 + number
            )
    return LightCurve.objects.create(
        source=source, survey=survey, band="R", unit="mag", time=[50000.25, 50001.123456789],
        value=[18.5, 18.25], error=[np.nan, 0.02], flag=[0, 1], n_points=2,
        time_min=50000.25, time_max=50001.123456789,
    )  # fmt: skip


def test_a_source_is_found_by_name_and_catalogue(client: Client, curve: LightCurve) -> None:
    rows = client.get("/api/v1/sources/?name=star-2").json()["results"]
    assert [(row["catalog"], row["ra"]) for row in rows] == [("macho", 80.89375), ("ogle3", 80.89375)]
    rows = client.get("/api/v1/sources/?catalog=ogle3&mag__lte=19").json()["results"]
    assert [row["name"] for row in rows] == ["star-1"]


def test_the_vectors_come_with_one_light_curve_or_when_named(client: Client, curve: LightCurve) -> None:
    row = client.get("/api/v1/light-curves/?source=star-2").json()["results"][0]
    assert "time" not in row
    row = client.get("/api/v1/light-curves/?catalog=ogle3&fields=time,error").json()["results"][0]
    assert row == {"time": [50000.25, 50001.123456789], "error": [None, 0.02]}
    assert client.get(f"/api/v1/light-curves/{curve.pk}/").json()["value"] == [18.5, 18.25]
