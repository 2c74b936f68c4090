"""Small pictures: small, whatever they show, and true to it."""

import re

import numpy as np
import pytest

from histos.small_plots import small_histogram, small_map

rng = np.random.default_rng(3)


@pytest.mark.parametrize("bins", [1, 2, 60, 61, 100, 5_000])
def test_a_histogram_is_at_most_3_kb(bins: int) -> None:
    edges, counts = np.linspace(-3, 3, bins + 1), rng.poisson(1e6, bins + 2)
    drawn = small_histogram(counts, edges, counts[::-1], range(bins), label="x" * 500)
    assert len(drawn.encode()) <= 3_000


@pytest.mark.parametrize("shape", [(1, 1), (16, 24), (200, 300), (3, 1000)])
def test_a_map_is_at_most_3_kb(shape: tuple[int, int]) -> None:
    assert len(small_map(rng.uniform(0, 1, shape)).encode()) <= 3_000


def heights(svg: str) -> list[float]:
    return [float(y) for y in re.findall(r"V([\d.]+)H", re.search(r'class="bars" d="([^"]*)V', svg)[1])]  # type: ignore[index]


def test_bins_of_different_width_are_drawn_per_width() -> None:
    even = heights(small_histogram([1, 2, 6], [0, 1, 3, 9]))
    assert len(set(even)) == 1


def test_flow_bins_stand_apart_and_only_where_there_are_any() -> None:
    assert 'class="flow"' in small_histogram([4, 1, 2, 3, 0], [0, 1, 2, 3])
    assert 'class="flow"' not in small_histogram([0, 1, 2, 3, 0], [0, 1, 2, 3])


def test_marked_bins_stand_over_their_bars_flow_bins_counted() -> None:
    marked = re.search(
        r'class="marked" d="M([\d.]+)', small_histogram([0, 1, 2, 3, 0], [0, 1, 2, 3], marked_bins=[2])
    )
    assert marked is not None
    assert float(marked[1]) == pytest.approx(80 - 3, abs=1)


def test_a_reference_of_the_same_shape_lies_on_the_histogram() -> None:
    counts = np.array([1.0, 5, 2])
    drawn = small_histogram(counts, [0, 1, 2, 3], 100 * counts)
    line = re.search(r'class="over" d="M[\d.]+ [\d.]+((?:V[\d.]+H\d+)+)"', drawn)
    assert line is not None
    assert [float(y) for y in re.findall(r"V([\d.]+)", line[1])] == heights(drawn)


def test_counts_that_do_not_fit_the_edges_are_an_error() -> None:
    with pytest.raises(ValueError, match="4 counts for 3 bins"):
        small_histogram([1, 2, 3, 4], [0, 1, 2, 3])


@pytest.mark.parametrize("counts", [[0, 0, 0], [np.nan, np.inf, 1], [-1, 2, -3]])
def test_empty_broken_and_negative_counts_are_drawn_in_the_frame(counts: list[float]) -> None:
    drawn = small_histogram(counts, [0, 1, 2, 3])
    assert "nan" not in drawn
    assert all(0 <= y <= 60 for y in heights(drawn))


def test_a_hostile_label_is_text() -> None:
    for drawn in (small_histogram([1], [0, 1], label="<script>"), small_map(np.ones((2, 2)), "<script>")):
        assert "<script>" not in drawn
        assert "&lt;script&gt;" in drawn


def test_a_map_draws_every_unbroken_run_of_a_shade_once() -> None:
    counts = np.array([[7, 7, 0, 7], [0, 7, 7, 7]])
    assert '<path class="m7" d="M1 0h3M0 1h2M3 1h1"/>' in small_map(counts)
    assert "<path class=" in small_map(np.zeros((2, 2)))
