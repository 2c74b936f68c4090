"""Strips, sparklines and bars: small, escaped, and never colour alone."""

import math
import re

import numpy as np
import pytest

from project.sparks import ALARM, COLUMNS, SHAPES, bar, spark, strip, strip_of

LARGEST = 3000


def columns_of(svg: str, state: str) -> int:
    """How many columns of the strip are in a state."""
    path = re.search(f'class="s-{state.replace(" ", "-")}" d="([^"]*)"', svg)
    return sum(map(int, re.findall(r"h(\d+)v", path[1]))) if path else 0


def test_a_strip_tells_each_thing_and_sums_them_in_words() -> None:
    svg = strip(["good"] * 3 + ["bad", "not scored", "good"], "run 1")
    assert "<title>run 1: 4 good, 1 not scored, 1 bad</title>" in svg
    assert (columns_of(svg, "good"), columns_of(svg, "bad"), columns_of(svg, "not scored")) == (4, 1, 1)


def test_equal_neighbours_are_one_run_length() -> None:
    assert len(strip(["good"] * 100 + ["bad"])) < 250
    assert strip(["good", "good", "bad"]) == strip_of([("good", 2), ("bad", 1)])


def test_one_bad_thing_among_many_is_seen() -> None:
    svg = strip_of([("good", 2999), ("bad", 1), ("good", 3000)])
    assert columns_of(svg, "bad") >= 1
    assert columns_of(svg, "good") + columns_of(svg, "bad") == COLUMNS


def test_a_number_that_no_memory_holds_is_no_matter() -> None:
    assert "2,000,000,000 no data" in strip_of([("good", 1), ("no data", 2_000_000_000)])


def test_no_small_plot_is_larger_than_3_kB() -> None:
    rng = np.random.default_rng(0)
    label = "<&\"'" * 10_000
    for states in ([ALARM[n % 5] for n in range(COLUMNS)], [ALARM[n] for n in rng.integers(0, 5, 5000)]):
        assert len(strip(states, "run 316187, golden").encode()) <= LARGEST
    assert len(spark(rng.random(100_000), "x").encode()) <= LARGEST
    assert max(len(strip(["good"], label)), len(spark([1, 2], label)), len(bar(1, 2, label))) <= LARGEST


def test_every_state_has_a_shape_of_its_own_or_a_dashed_outline() -> None:
    assert len({SHAPES[state] for state in ALARM if state != "no data"}) == 4


@pytest.mark.parametrize("draw", [lambda name: strip(["bad"], name), lambda name: spark([1.0], name),
                                  lambda name: bar(1.0, 2.0, name)])  # fmt: skip
def test_names_are_shown_as_text(draw: object) -> None:
    svg = draw("</title><script>alert(1)</script>")  # type: ignore[operator]
    assert "<script>" not in svg
    assert "&lt;script&gt;" in svg


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(ValueError, match="purple"):
        strip(["purple"])


def test_nothing_draws_nothing() -> None:
    assert (strip([]), spark([]), spark([None, math.nan]), bar(None, 3), bar(0, 3)) == ("",) * 5


def test_a_sparkline_keeps_the_one_spike_of_a_long_line() -> None:
    values = [0.0] * 10_000
    values[6789] = 100.0
    svg = spark(values)
    assert "from 0 to 100" in svg
    assert " 1.0" in re.search(r'd="([^"]*)"', svg)[1]  # type: ignore[index]


def test_a_sparkline_breaks_where_nothing_is_known() -> None:
    assert spark([1, None, 2, 3]).count("M") == 2
