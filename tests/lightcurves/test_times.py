"""Times: every system to MJD (UTC), against astropy and against times known by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightcurves.times import (
    SCALES,
    TimeSystem,
    light_travel_time,
    likely_mistake,
    parse_iso,
    plausible,
    to_utc,
)

MICROSECOND = 1e-6 / 86_400
MJD = np.linspace(41_500.0, 61_000.0, 200)  # UTC with leap seconds, 1972 to 2025


def convert(value, **system):
    return float(TimeSystem(**system).to_mjd(np.array([value], float))[0])


def test_the_noon_of_2000_is_the_same_in_every_system():
    noon = datetime(2000, 1, 1, 12, tzinfo=UTC)
    assert convert(51_544.5, system="mjd") == 51_544.5
    assert convert(2_451_545.0, system="jd") == 51_544.5
    assert convert(1_545.0, system="jd", offset=2_450_000.0) == 51_544.5
    assert convert(noon.timestamp(), system="unix") == 51_544.5
    assert convert(parse_iso("2000-01-01T12:00:00"), system="iso") == 51_544.5
    assert convert(parse_iso("2000-01-01 14:00:00+02:00"), system="iso") == 51_544.5
    # 32 leap seconds and 32.184 s lie between UTC and terrestrial time on that day
    assert convert(51_544.5 + 64.184 / 86_400, scale="tt") == pytest.approx(51_544.5, abs=MICROSECOND)


@pytest.mark.parametrize("scale", SCALES)
def test_scales_agree_with_astropy(scale):
    time = pytest.importorskip("astropy.time")
    expected = time.Time(MJD, format="mjd", scale=scale).utc.mjd
    np.testing.assert_allclose(to_utc(MJD, scale), expected, rtol=0, atol=2 * MICROSECOND)


@pytest.mark.parametrize("centre", ["heliocentric", "barycentric"])
@pytest.mark.parametrize(("ra", "dec"), [(0.0, 0.0), (83.6, 22.0), (270.0, -66.5), (180.0, 90.0)])
def test_light_travel_time_agrees_with_astropy(centre, ra, dec):
    time = pytest.importorskip("astropy.time")
    from astropy.coordinates import EarthLocation, SkyCoord
    from astropy.utils import iers

    middle = EarthLocation.from_geocentric(0, 0, 0, unit="m")
    mjd = MJD[MJD > 43_000]  # where the tables of the Earth's rotation that come with astropy begin
    times = time.Time(mjd, format="mjd", scale="tdb", location=middle)
    with iers.conf.set_temp("auto_download", False):
        expected = times.light_travel_time(SkyCoord(ra, dec, unit="deg"), centre).to_value("s")
    np.testing.assert_allclose(light_travel_time(mjd, ra, dec, centre), expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize(("system", "centre"), [("hjd", "heliocentric"), ("bjd", "barycentric")])
def test_heliocentric_times_come_back_to_the_earth(system, centre):
    ra, dec = np.full(len(MJD), 83.6), np.full(len(MJD), 22.0)
    at_centre = MJD + light_travel_time(MJD, ra, dec, centre) / 86_400
    back = TimeSystem(system, "utc").to_mjd(at_centre + 2_400_000.5, ra, dec)
    # A Julian date as float64 is good to 40 µs.
    np.testing.assert_allclose(back, MJD, rtol=0, atol=60 * MICROSECOND)
    assert np.ptp((at_centre - MJD) * 86_400) > 900  # seconds: ± 8 minutes near the ecliptic


def test_heliocentric_times_without_a_position_are_recorded_as_such():
    assert "still heliocentric" in TimeSystem("hjd").note(located=False)
    assert "still" not in TimeSystem("hjd").note(located=True)
    assert "BJD (TDB)" in TimeSystem("bjd").note(located=True)
    assert convert(2_451_545.0, system="hjd") == 51_544.5


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2099, 12, 30)))
def test_iso_times_are_exact_to_a_microsecond(moment):
    days = (moment - datetime(1858, 11, 17)).total_seconds() / 86_400
    assert convert(parse_iso(moment.isoformat()), system="iso") == pytest.approx(days, abs=2 * MICROSECOND)


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["mjd", "jd", "hjd", "bjd"]))
def test_no_number_breaks_a_conversion(number, system):
    one = np.array([number])
    here = np.array([10.0])
    assert TimeSystem(system, "tdb").to_mjd(one, here, here).shape == (1,)
    assert not plausible(np.array([np.nan]))[0]


@pytest.mark.parametrize(
    ("time", "guess"),
    [
        (2_458_274.9, "Julian date"),
        (58_274.4, "modified"),
        (1.5e9, "Unix seconds"),
        (1.5e12, "milliseconds"),
        (2_171.2, "offset"),
    ],
)
def test_a_wrong_system_is_guessed(time, guess):
    assert guess in likely_mistake(time)


@pytest.mark.parametrize("wrong", [{"system": "lunar"}, {"scale": "gmt"}, {"system": "unix", "scale": "tdb"}])
def test_unknown_systems_are_refused(wrong):
    with pytest.raises(ValueError, match=r"lunar|gmt|UTC"):
        TimeSystem(**wrong)
