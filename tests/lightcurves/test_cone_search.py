"""Cones and densities out of the database: exact everywhere on the sky, over the API and the VO protocol."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from lightcurves.models import Catalog, LightCurve, Source, Survey
from lightcurves.sky.density import density
from lightcurves.sky.geometry import Cone, separations
from lightcurves.sky.within import sources_within
from project.models import SourceFile

pytestmark = pytest.mark.django_db
SOURCES = "/api/v1/sources/"
QUERIES = json.loads((Path(__file__).parents[1] / "query_counts.json").read_text())["sources"]


def positions(n: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """Over the whole sky, at its poles, across RA 0, dense in one field, and where arithmetic ends."""
    rng = np.random.default_rng(5)
    sky = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    poles = rng.uniform(0, 360, 200), np.r_[90 - rng.exponential(0.1, 100), -90 + rng.exponential(0.1, 100)]
    seam = rng.normal(0, 0.2, 200) % 360, rng.normal(10, 0.2, 200)
    field = rng.normal(80.9, 0.1, 300), rng.normal(-69.7, 0.05, 300)
    odd = (
        np.array([0, 0, 0, 359.99999999999994, 1e-300, 1e-170, 180]),
        np.array([90, -90, 0, 0, 1e-300, 0, 0]),
    )
    parts = zip(sky, poles, seam, field, odd, strict=True)
    ra, dec = (np.concatenate(part) for part in parts)
    return np.where(ra >= 360, 0.0, ra), dec


@pytest.fixture
def sky() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids and positions of what is stored; a machine without a position lies beside them."""
    catalog = Catalog.objects.create(name="SKY")
    ra, dec = positions()
    Source.objects.create(catalog=catalog, name="machine")
    made = Source.objects.bulk_create(
        Source(catalog=catalog, name=f"s{n}", ra=float(a), dec=float(d), mag=n % 20)
        for n, (a, d) in enumerate(zip(ra, dec, strict=True))
    )
    return np.array([source.pk for source in made]), ra, dec


CONES = [
    *((80.9, -69.7, radius) for radius in (1 / 3600, 30 / 3600, 1 / 6, 3.0, 20.3)),
    *(
        (ra, dec, radius)
        for ra in (0.0, 359.99, 123.0)
        for dec in (90.0, -89.95)
        for radius in (0.05, 1.0, 40.0)
    ),
    *((ra, 10.0, radius) for ra in (0.0, 0.05, 359.9) for radius in (0.1, 0.5, 79.9, 80.1)),
    *(
        (ra, dec, radius)
        for ra, dec in ((0.0, 0.0), (200.0, 45.0))
        for radius in (1e-9, 89.999, 90.0, 120.0, 180.0)
    ),
]


def brute(
    cone: tuple[float, float, float], ids: np.ndarray, ra: np.ndarray, dec: np.ndarray
) -> dict[int, float]:
    apart = separations(ra, dec, *cone[:2]) * 3600
    return {int(pk): float(arcsec) for pk, arcsec in zip(ids, apart, strict=True) if arcsec <= cone[2] * 3600}


def test_a_cone_holds_what_brute_force_finds_everywhere(sky: Any) -> None:
    held = 0
    for cone in CONES:
        found = list(Source.objects.visible().in_cone(*cone).values_list("pk", "separation"))
        assert sources_within(Cone(*cone)) == found
        assert sources_within(Cone(*cone), 2) == found[:2]
        expected = brute(cone, *sky)
        assert {pk for pk, _ in found} == set(expected), cone
        apart = [arcsec for _, arcsec in found]
        assert apart == sorted(apart)
        assert apart == pytest.approx([expected[pk] for pk, _ in found], rel=1e-9, abs=1e-7)
        held += len(found)
    assert held > 5000


def test_a_cone_of_half_a_circle_is_the_whole_sky_without_machines(sky: Any) -> None:
    assert Source.objects.in_cone(10.0, 20.0, 180.0).count() == len(sky[0])


@pytest.mark.parametrize(
    "cone", [(360.0, 0.0, 1.0), (0.0, 91.0, 1.0), (0.0, 0.0, 0.0), (0.0, float("nan"), 1.0)]
)
def test_a_cone_off_the_sky_is_refused(cone: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"RA|Dec|radius"):
        Source.objects.in_cone(*cone)


def test_positions_keep_every_digit_and_follow_what_is_stored(sky: Any) -> None:
    source = Source.objects.get(name="s0")
    Source.objects.filter(pk=source.pk).update(ra=12.345678901234567, dec=-45.12345678901234)
    (found,) = Source.objects.in_cone(12.345678901234567, -45.12345678901234, 1e-6)
    assert (found.pk, found.ra, found.dec, found.separation) == (
        source.pk,
        12.345678901234567,
        -45.12345678901234,
        0.0,
    )


def test_light_curves_are_found_by_the_cone_of_their_source(reader: Client, sky: Any) -> None:
    source = Source.objects.in_cone(80.9, -69.7, 0.1)[0]
    vectors = {name: [1.0] for name in ("time", "value", "error", "flag")}
    LightCurve.objects.create(
        source=source,
        survey=Survey.objects.create(name="EYE"),
        band="R",
        n_points=1,
        time_min=1,
        time_max=1,
        **vectors,
    )
    assert LightCurve.objects.filter(source__zone__cone=Cone(80.9, -69.7, 0.1)).count() == 1
    assert not LightCurve.objects.filter(source__zone__cone=Cone(80.9, 69.7, 0.1)).exists()
    for cone, sources in (("80.9 -69.7 0.1d", [source.name]), ("80.9 69.7 0.1d", [])):
        rows = reader.get("/api/v1/light-curves/", {"cone": cone}).json()["results"]
        assert [row["source"] for row in rows] == sources


def test_what_is_still_loading_is_in_no_cone_and_no_density(sky: Any) -> None:
    total = Source.objects.visible().density(10).counts.sum()
    file = SourceFile.objects.create(name="a.csv", reader="x", state="loading")
    Source.objects.filter(name="s1600").update(file=file)
    pk = Source.objects.get(name="s1600").pk
    ra, dec = (array[sky[0] == pk][0] for array in sky[1:])
    assert pk in Source.objects.in_cone(ra, dec, 1).values_list("pk", flat=True)
    assert pk not in Source.objects.visible().in_cone(ra, dec, 1).values_list("pk", flat=True)
    assert pk not in dict(sources_within(Cone(ra, dec, 1)))
    assert Source.objects.visible().density(10).counts.sum() == total - 1


def test_loaded_sources_are_found(load_catalog: Callable[..., Any]) -> None:
    load_catalog("a,10,20,15,1,x", "b,10.001,20,16,1,x", "m,,,,1,x")
    assert [source.name for source in Source.objects.in_cone(10.0, 20.0, 5 / 3600)] == ["a", "b"]


@pytest.mark.parametrize(
    ("n", "box"), [(60, None), (180, (70.0, 90.0, -72.0, -66.0)), (7, (350.0, 20.0, -90.0, 90.0))]
)
def test_the_database_counts_the_density_that_numpy_counts(sky: Any, n: int, box: Any) -> None:
    stored, counted = Source.objects.visible().density(n, box), density(*sky[1:], n, box)
    for name in ("ra_edges", "dec_edges", "counts"):
        np.testing.assert_array_equal(getattr(stored, name), getattr(counted, name))
    assert box or counted.counts.sum() == len(sky[0])


def test_a_density_is_counted_once_until_something_is_loaded(
    sky: Any, django_assert_num_queries: Callable[..., Any], load_catalog: Callable[..., Any]
) -> None:
    before = Source.objects.visible().density(20).counts.sum()
    with django_assert_num_queries(2):  # what was loaded, and the newest source
        Source.objects.visible().density(20)
    load_catalog("new,10,20,15,1,x")
    assert Source.objects.visible().density(20).counts.sum() == before + 1


def test_an_empty_site_has_an_empty_sky() -> None:
    assert Source.objects.visible().density(20).counts.sum() == 0


@pytest.fixture
def reader(client: Client, viewer: Any) -> Client:
    client.force_login(viewer)
    return client


def test_the_api_gives_a_cone_nearest_first_page_by_page(reader: Client, sky: Any) -> None:
    expected = brute((80.9, -69.7, 0.1), *sky)
    page = reader.get(SOURCES, {"cone": "80.9 -69.7 0.1d", "page_size": 40}).json()
    first, seen = page, list(page["results"])
    while page["next"]:
        page = reader.get(page["next"]).json()
        seen += page["results"]
    assert [row["id"] for row in seen] == sorted(expected, key=lambda pk: (expected[pk], pk))
    assert len(seen) > 100
    assert seen[0]["separation"] == pytest.approx(min(expected.values()), abs=1e-7)
    while page["previous"]:
        page = reader.get(page["previous"]).json()
    assert page["results"] == first["results"]
    after = reader.get(SOURCES, {"cone": "80.9 -69.7 0.1d", "after": seen[9]["id"], "page_size": 1}).json()
    assert after["results"] == seen[10:11]


def test_a_cone_works_with_the_other_filters_orders_fields_and_files(
    reader: Client, sky: Any, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    asked = {"cone": "80.9 -69.7 0.2d"}
    with django_assert_max_num_queries(QUERIES["cone"]):
        every = reader.get(SOURCES, {**asked, "page_size": 1000}).json()["results"]
    bright = reader.get(SOURCES, {**asked, "mag__lte": 3, "catalog": "SKY", "fields": "name,mag"}).json()[
        "results"
    ]
    assert bright == [
        {name: row[name] for name in ("name", "mag", "separation")} for row in every if row["mag"] <= 3
    ]
    assert reader.get(SOURCES, {**asked, "catalog": "none"}).json()["results"] == []
    by_name = reader.get(SOURCES, {**asked, "ordering": "name", "page_size": 1000}).json()["results"]
    assert [row["name"] for row in by_name] == sorted(row["name"] for row in every)
    file = b"".join(reader.get(SOURCES, {**asked, "format": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert {int(row["id"]) for row in csv.DictReader(io.StringIO(file))} == {row["id"] for row in every}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"cone": "80.9 -99"}, "cone"),
        ({"cone": "here"}, "cone"),
        ({"cone": "10 20 30"}, "cone"),
        ({"cone": "10 20", "cursor": "WyJzZXBhcmF0aW9uIixmYWxzZSxbImEiLDFdXQ=="}, "cursor"),
        ({"cone": "10 20", "cursor": "WyJpZCIsZmFsc2UsWzFdXQ=="}, "cursor"),
        ({"cone": "10 20", "after": "999999999"}, "after"),
        ({"cone": "10 20", "ordering": "separation"}, "ordering"),
    ],
)
def test_a_wrong_cone_is_a_400_that_names_the_field(
    reader: Client, asked: dict[str, str], field: str
) -> None:
    answer = reader.get(SOURCES, asked)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert list(answer.json()["errors"]) == [field]


def table_of(answer: Any) -> Any:
    from astropy.io import votable

    return votable.parse(io.BytesIO(answer.getvalue()), verify="exception")


def ask(client: Client, **params: Any) -> Any:
    return client.get(reverse("cone-search"), params)


def test_the_vo_gets_a_votable_that_astropy_accepts(reader: Client, sky: Any) -> None:
    answer = ask(reader, RA=80.9, DEC=-69.7, SR=0.1)
    assert answer["Content-Type"] == "text/xml;content=x-votable"
    table = table_of(answer).get_first_table()
    ucds = {field.ucd: field.name for field in table.fields}
    assert {"ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN"} <= set(ucds)
    expected = brute((80.9, -69.7, 0.1), *sky)
    by_id = dict(zip(sky[0].tolist(), zip(*sky[1:], strict=True), strict=True))
    rows = table.array
    assert len(rows) == len(expected)
    np.testing.assert_allclose(rows["separation"], sorted(expected.values()), atol=1e-7)
    assert {(float(row["ra"]), float(row["dec"])) for row in rows} == {by_id[pk] for pk in expected}


def test_verb_and_radius_zero_choose_columns_and_maxrec_rows(reader: Client, sky: Any) -> None:
    columns = [
        [field.name for field in table_of(ask(reader, RA=1, DEC=2, SR=0, VERB=verb)).get_first_table().fields]
        for verb in (1, 2, 3)
    ]
    assert columns[0] == ["id", "ra", "dec"]
    assert columns[2] == [*columns[1], "attributes"]
    assert not len(table_of(ask(reader, RA=1, DEC=2, SR=0)).get_first_table().array)
    few = table_of(ask(reader, ra=80.9, dec=-69.7, sr=180, maxrec=7))
    assert len(few.get_first_table().array) == 7
    assert [(info.name, info.value) for info in few.resources[0].infos] == [("QUERY_STATUS", "OVERFLOW")]
    assert len(table_of(ask(reader, RA=360, DEC=0, SR=180)).get_first_table().array) == len(sky[0])


def test_hostile_texts_are_escaped_in_a_votable(reader: Client) -> None:
    catalog = Catalog.objects.create(name='<c & "d">')
    attributes = {"note": "</TD>\u0001\ufffe é", "b": None}
    Source.objects.create(catalog=catalog, name="<i>'x'</i>", ra=1, dec=2, attributes=attributes)
    (row,) = table_of(ask(reader, RA=1, DEC=2, SR=0.1, VERB=3)).get_first_table().array
    assert (row["catalog"], row["name"]) == ('<c & "d">', "<i>'x'</i>")
    assert "\\u0001\\ufffe" in row["attributes"]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"RA": 1, "DEC": 2}, "SR: missing"),
        ({"RA": "5h", "DEC": 2, "SR": 1}, "RA: '5h' is not a finite number"),
        ({"RA": 1, "DEC": -91, "SR": 1}, "Dec -91.0°"),
        ({"RA": 1, "DEC": 2, "SR": -1}, "radius of -1.0°"),
        ({"RA": 1, "DEC": 2, "SR": 1, "VERB": 4}, "VERB: "),
        ({"RA": "<&\"'\ufffe", "DEC": 2, "SR": 1}, "RA: "),
    ],
)
def test_a_wrong_cone_of_the_vo_is_an_error_document(
    reader: Client, params: dict[str, Any], reason: str
) -> None:
    answer = ask(reader, **params)
    assert answer.status_code == 400
    document = table_of(answer)
    (info,) = document.infos
    assert info.name == "Error"
    assert reason in info.value


def test_whoever_may_not_read_the_api_may_not_ask_the_cone_search(client: Client, settings: Any) -> None:
    assert ask(client, RA=1, DEC=2, SR=1).status_code == 401
    settings.LUMISIFT_PUBLIC_READ = True
    assert ask(client, RA=1, DEC=2, SR=1).status_code == 200
    assert client.post(reverse("cone-search")).status_code in (401, 403, 405)
