"""Positions as people type them, and distances on the sphere."""

from math import asin, atan2, cos, degrees, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightcurves.sky.cone_text import DEFAULT_RADIUS, cone_text, looks_like_cone, parse_cone
from lightcurves.sky.density import density
from lightcurves.sky.geometry import Cone, separation, separations, zone_of

RA = st.floats(0, 360, exclude_max=True)
DEC = st.floats(-90, 90)
CONES = st.builds(Cone, RA, DEC, st.floats(1e-6, 180))
LMC = (80.89166666666667, -69.75)


@pytest.mark.parametrize(
    ("text", "ra", "dec", "arcsec"),
    [
        ("5h23m34s -69d45m", *LMC, 30),
        ('05:23:34 -69:45:00 30"', *LMC, 30),
        ("05 23 34 -69 45 00", *LMC, 30),
        ("5h 23m 34s -69d 45m 0s 2 arcmin", *LMC, 120),
        ("5h23m34s −69°45′ 12″", *LMC, 12),
        ("5h23m34s −69°45′36″ 12″", LMC[0], -69.76, 12),
        ('80.89 -69.75 30"', 80.89, -69.75, 30),
        ("80.89,-69.75,2'", 80.89, -69.75, 120),
        ("80.89°, -69.75°", 80.89, -69.75, 30),
        ("10 20 0.5d", 10, 20, 1800),
        ("0 -90 180deg", 0, -90, 648_000),
        ("00:00:00 -00:30:00", 0, -0.5, 30),
        ("12h +30:00", 180, 30, 30),
    ],
)
def test_a_cone_is_read_as_people_type_it(text: str, ra: float, dec: float, arcsec: float) -> None:
    cone = parse_cone(text)
    assert (cone.ra, cone.dec) == (ra, dec)
    assert cone.radius * 3600 == pytest.approx(arcsec, rel=1e-15)
    assert looks_like_cone(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("24h00m00s 10", "24 hours"),
        ("12:60:00 10", "60 minutes"),
        ("12:00:60 10", "60 seconds"),
        ("10 -90.1", "Dec"),
        ("360 0", "RA"),
        ("-1 0", "RA"),
        ("10 20 181d", "radius"),
        ("10 20 0d", "radius"),
        ("10 20 -3d", "radius"),
        ("10 20 30", "unit"),
        ("10 20 30s", "unit"),
        ("1e999 0", "RA"),
    ],
)
def test_a_cone_that_cannot_be_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_cone(text)
    assert looks_like_cone(text)


@pytest.mark.parametrize(
    "text", ["", "316187:120", "1.3444.614", "charge_PXLayer", "10", "a b", "1 2 3 4", "9" * 999]
)
def test_what_is_no_position_is_not_taken_for_one(text: str) -> None:
    assert not looks_like_cone(text)
    with pytest.raises(ValueError, match="no place on the sky"):
        parse_cone(text)


@given(CONES)
def test_a_cone_comes_back_from_its_text_to_the_last_digit(cone: Cone) -> None:
    assert parse_cone(cone_text(cone)) == cone


@given(st.text(alphabet="0123456789.:+-eE hmsd°'\"′″,", max_size=60))
def test_no_text_does_anything_but_a_cone_or_a_reason(text: str) -> None:
    if not looks_like_cone(text):
        return
    try:
        cone = parse_cone(text)
    except ValueError:
        return
    assert parse_cone(cone_text(cone)) == cone


def test_the_radius_nobody_typed_is_half_an_arcminute() -> None:
    assert parse_cone("10 20").radius == DEFAULT_RADIUS == 30 / 3600


@pytest.mark.parametrize("apart", [1e-13, 1e-9, 1e-6, 0.001, 1.0, 60.0])
def test_the_smallest_separations_keep_their_digits(apart: float) -> None:
    assert separation(0.0, apart, 0.0, 0.0) == pytest.approx(apart, rel=1e-14)
    assert separation(apart, 0.0, 0.0, 0.0) == pytest.approx(apart, rel=1e-14)
    exact = 2 * degrees(asin(sin(radians(apart / 2)) * cos(radians(89.0))))
    assert separation(apart, 89.0, 0.0, 89.0) == pytest.approx(exact, rel=1e-12)


@given(RA, DEC)
def test_the_antipode_is_half_a_circle_away(ra: float, dec: float) -> None:
    assert separation((ra + 180) % 360, -dec, ra, dec) == pytest.approx(180, abs=1e-6)


@given(RA, DEC, RA, DEC)
def test_separations_agree_with_the_angle_between_vectors(
    ra: float, dec: float, ra0: float, dec0: float
) -> None:
    a, b = (
        np.array([cos(radians(d)) * cos(radians(r)), cos(radians(d)) * sin(radians(r)), sin(radians(d))])
        for r, d in ((ra, dec), (ra0, dec0))
    )
    angle = degrees(atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b)))
    found = separation(ra, dec, ra0, dec0)
    assert found == pytest.approx(angle, abs=1e-10)
    assert separation(ra0, dec0, ra, dec) == pytest.approx(found, abs=1e-12)
    assert separations(np.array([ra]), np.array([dec]), ra0, dec0)[0] == pytest.approx(found, abs=1e-12)


def place(cone: Cone, share: float, bearing: float) -> tuple[float, float]:
    """A place ``share`` of the radius away from the centre."""
    way, north = radians(cone.radius * share), radians(cone.dec)
    dec = asin(max(-1.0, min(1.0, sin(north) * cos(way) + cos(north) * sin(way) * cos(bearing))))
    turn = atan2(sin(bearing) * sin(way) * cos(north), cos(way) - sin(north) * sin(dec))
    return (cone.ra + degrees(turn)) % 360 % 360, degrees(dec)


@given(CONES, st.floats(0, 1), st.floats(0, 6.3))
def test_what_is_in_a_cone_is_where_the_index_looks(cone: Cone, share: float, bearing: float) -> None:
    ra, dec = place(cone, share, bearing)
    if separation(ra, dec, cone.ra, cone.dec) > cone.radius:
        return
    first, last = cone.zone_range
    assert first <= zone_of(dec) <= last
    assert cone.dec_range[0] <= dec <= cone.dec_range[1]
    assert not cone.ra_ranges or any(low <= ra <= high for low, high in cone.ra_ranges)


def test_a_small_cone_looks_at_little() -> None:
    cone = Cone(0.05, 60.0, 0.1)
    assert [high - low for low, high in cone.ra_ranges] == pytest.approx([0.25, 0.15], abs=1e-4)
    assert Cone(10.0, 89.95, 0.1).ra_ranges == ()


def test_a_density_counts_every_source_once_and_knows_its_area() -> None:
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, 5000), np.degrees(np.arcsin(rng.uniform(-1, 1, 5000)))
    sky = density(ra, dec, 36, (0.0, 360.0, -90.0, 90.0))
    assert sky.counts.sum() == 5000
    assert (sky.square_degrees * np.ones_like(sky.counts)).sum() == pytest.approx(41_252.96, rel=1e-6)
    assert sky.per_square_degree.shape == (len(sky.dec_edges) - 1, len(sky.ra_edges) - 1)


def test_a_density_without_a_box_closes_around_the_sources_across_zero() -> None:
    sky = density(np.array([359.5, 0.5, 2.0]), np.array([-10.0, -10.0, -9.0]), 8)
    assert sky.counts.sum() == 3
    assert (sky.ra_edges[0], sky.ra_edges[-1]) == (359.0, 363.0)
    assert density(np.empty(0), np.empty(0), 8).counts.sum() == 0


@pytest.mark.parametrize(
    "box", [(0, 0, -1, 1), (0, 400, -1, 1), (-1, 5, -1, 1), (0, 5, 1, 1), (0, 5, -91, 1)]
)
def test_a_box_off_the_sky_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="no box on the sky"):
        density(np.zeros(1), np.zeros(1), 8, box)
