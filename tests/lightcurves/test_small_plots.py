"""Small pictures of light curves, and the arrays that big ones are made of."""

import re

import numpy as np
import pytest

from lightcurves.drawing.decimate import extremes, gaps
from lightcurves.drawing.periods import periods_of, phase
from lightcurves.drawing.small_plots import HEIGHT, small_light_curve
from lightcurves.sky.sexagesimal import degrees, hours

LARGEST = 3_000


@pytest.mark.parametrize("n", [1, 2, 48, 96, 97, 10_000])
def test_a_small_light_curve_is_small_whatever_it_holds(n: int) -> None:
    rng = np.random.default_rng(1)
    time, spans = np.sort(rng.uniform(48_000, 50_000, n)), [(48_100.0, 48_200.0)] * 30
    svg = small_light_curve(time, rng.normal(size=n), np.ones(n), spans, label="<b>" * 500)
    assert 0 < len(svg) <= LARGEST
    assert "<b>" not in svg


def test_bright_magnitudes_are_up_and_marks_stand_where_they_are() -> None:
    time, value = np.array([0.0, 50.0, 100.0]), np.array([15.0, 10.0, 15.0])
    middle = {
        inverted: re.findall(r"M120 (\d+)h.1", small_light_curve(time, value, inverted=inverted))
        for inverted in (True, False)
    }
    assert int(middle[True][0]) < HEIGHT / 2 < int(middle[False][0])
    assert 'class="band" d="M120 0' in small_light_curve(time, value, marked=[(50.0, 60.0)])


def test_points_without_a_value_are_left_out() -> None:
    assert small_light_curve(np.array([1.0]), np.array([np.nan])) == ""
    assert "2 points" in small_light_curve(np.arange(3.0), np.array([1.0, np.nan, 2.0]))


def test_decimation_keeps_the_extremes_of_every_column() -> None:
    rng = np.random.default_rng(2)
    x, y = np.sort(rng.uniform(0, 10, 5_000)), rng.normal(size=5_000)
    y[[17, 4_000]] = 50, -50
    y[5] = np.nan
    kept = extremes(x, y, 100)
    assert len(kept) <= 200
    assert {17, 4_000} <= set(kept.tolist())
    assert 5 not in kept
    cell = np.minimum((x - x[0]) / (x[-1] - x[0]) * 100, 99).astype(int)
    for one in range(100):
        assert np.nanmax(y[cell == one]) in y[kept]
        assert np.nanmin(y[cell == one]) in y[kept]


def test_a_line_breaks_where_nothing_was_measured() -> None:
    assert gaps(np.array([0.0, 1, 2, 3, 30, 31])).tolist() == [4]
    assert gaps(np.arange(10.0)).tolist() == []


def test_phases_lie_below_one() -> None:
    time = np.array([0.0, 0.25, 1.0, -0.25, 1e-18 - 1.0, -1e-18])
    assert phase(time, 1.0, 0.0).tolist() == [0, 0.25, 0, 0.75, 0, 0]


def test_periods_are_what_catalogues_call_so() -> None:
    attributes = {"P_1": 2.5, "P": 3, "PA": 4.0, "Period": 0, "P_2": True, "period_days": 1.5, "P_3": "long"}
    assert periods_of(attributes) == [("P", 3), ("P_1", 2.5), ("period_days", 1.5)]


@pytest.mark.parametrize(
    ("ra", "text"),
    [
        (0.0, "00h00m00s"),
        (75.4317, "05h01m43.608s"),
        (69.32901000000001, "04h37m18.9624s"),
        (359.9999999999999, "00h00m00s"),
    ],
)
def test_right_ascensions_in_hours(ra: float, text: str) -> None:
    assert hours(ra) == text


@pytest.mark.parametrize(
    ("dec", "text"),
    [(-0.5, "-00d30m00s"), (-69.171, "-69d10m15.6s"), (90.0, "+90d00m00s"), (1e-9, "+00d00m00.000004s")],
)
def test_declinations_in_degrees(dec: float, text: str) -> None:
    assert degrees(dec) == text
