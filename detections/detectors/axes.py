"""Smooth shapes along the axes of an element, against which a histogram is measured."""

from typing import Any

import numpy as np

ORDERS = ("mean", "width", "skewness", "kurtosis")


def places(shape: tuple[int, ...]) -> list[np.ndarray]:
    """Of every cell (cells,) its place along each axis, x first, in bins; flow bins stand half a bin outside."""
    grids = np.meshgrid(*(np.arange(size) - 1.0 for size in shape), indexing="ij")
    return [grid.ravel() for grid in reversed(grids)]


def polynomials(share: np.ndarray, place: np.ndarray, orders: int = len(ORDERS)) -> np.ndarray:
    """(cells, orders): polynomials of 1st, 2nd, … order in ``place``, uncorrelated and of variance 1 under ``share``.

    The mean of the k-th over the entries is 0 ± 1/√entries where ``share`` holds: the mean, then what of the width,
    skewness and kurtosis the lower ones do not tell.
    """
    scaled = (place - place.min()) / max(float(np.ptp(place)), 1.0) * 2 - 1
    known = [np.ones(len(place))]
    for order in range(1, orders + 1):
        new = scaled**order
        for _ in range(2):  # twice, as rounding leaves a rest
            for old in known:
                new = new - np.sum(share * new * old) * old
        length = np.sqrt(np.sum(share * new**2))
        # Fewer filled bins than orders: nothing is left to measure.
        known.append(new / length if length > 1e-6 else np.zeros(len(place)))
    return np.stack(known[1:], axis=1)


def along_axes(share: np.ndarray, axes: list[np.ndarray]) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """``polynomials`` of all ``axes``, (cells, orders · axes), and what each column is: its moment and its axis."""
    names = [{"moment": order, "axis": "xyz"[axis]} for axis in range(len(axes)) for order in ORDERS]
    return np.hstack([polynomials(share, place) for place in axes]), names


def moved(share: np.ndarray, shape: tuple[int, ...], axis: int, by: float, factor: float) -> np.ndarray:
    """``share`` (cells,) shifted by so many standard deviations and stretched about its mean along an axis (0: x).

    What leaves the axis is found in its flow bins; a bin's content lies evenly over it.
    """
    cells = np.moveaxis(share.reshape(shape), len(shape) - 1 - axis, -1)
    inside = cells[..., 1:-1]
    bins = inside.shape[-1]
    along = inside.reshape(-1, bins).sum(axis=0)
    middle = np.arange(bins) + 0.5
    total = max(float(along.sum()), 1e-300)
    mean = float(along @ middle) / total
    width = max(float(np.sqrt(along @ (middle - mean) ** 2 / total)), 1.0)
    # Where each edge's content came from: the cumulative shape, read at the place before the move.
    origin = mean + (np.arange(bins + 1) - mean - by * width) / factor
    sums = np.concatenate([np.zeros((*inside.shape[:-1], 1)), np.cumsum(inside, axis=-1)], axis=-1)
    low = np.clip(np.floor(origin), 0, bins - 1).astype(int)
    rest = np.clip(origin, 0, bins) - low
    reached = sums[..., low] + rest * inside[..., low]
    new = np.empty_like(cells)
    new[..., 1:-1] = np.diff(reached, axis=-1)
    new[..., 0] = cells[..., 0] + reached[..., 0]
    new[..., -1] = cells[..., -1] + sums[..., -1] - reached[..., -1]
    return np.asarray(np.moveaxis(new, -1, len(shape) - 1 - axis).ravel())
