"""Three ways a shape can differ from what is expected: in a stretch or square, as a whole, or by scatter everywhere."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .axes import moved
from .calibration import wilson_hilferty
from .counting import Boxes, halves, signed_sigma
from .drift import Drift
from .reference import CELLS_AT_ONCE
from .tracking import Expected

MOVES = ((0.05, 1.0), (0.2, 1.0), (0.7, 1.0), (0.0, 1.03), (0.0, 1.15), (0.0, 1.6))
"""Shifts in standard deviations, and stretches, that are looked for; each in both directions."""
LEAST_SHARE = 0.02
"""Of a bin's share that remains wherever the move empties it."""
WEIGHT = 6.0
"""Most that a single entry can say for or against a move, in units of the log-likelihood: a stray one is not proof."""
STRONG = 5.0
"""Sigma of scatter for which the test is the best one: weaker is not seen anyway, stronger by any test."""


class Strongest(NamedTuple):
    """Of each histogram (n,): the largest box deviation in sigma, with sign, its middle cell and half size."""

    sigma: np.ndarray
    cell: np.ndarray
    half: np.ndarray


def rows_at_once(counts: np.ndarray, expected: Expected) -> Iterator[tuple[slice, np.ndarray, Expected]]:
    """Blocks so small that temporary arrays stay small."""
    step = max(1, CELLS_AT_ONCE // max(1, counts.shape[1]))
    for start in range(0, len(counts), step):
        rows = slice(start, start + step)
        yield rows, counts[rows].astype(float), Expected(*(part[rows] for part in expected))


def cell_sigma(counts: np.ndarray, expected: Expected, drift: Drift) -> np.ndarray:
    """Deviation of every cell (n, cells) in sigma, with sign."""
    beyond = expected.loose[:, None] * drift.share + expected.tied @ drift.motions.T**2
    return signed_sigma(counts, expected.counts, beyond)


def largest_cell(counts: np.ndarray, expected: Expected, drift: Drift) -> np.ndarray:
    """Sigma (n,) of the cell that deviates most, up or down."""
    found = np.empty(len(counts))
    for rows, block, usual in rows_at_once(counts, expected):
        found[rows] = np.abs(cell_sigma(block, usual, drift)).max(axis=1)
    return found


def strongest_box(counts: np.ndarray, expected: Expected, drift: Drift, shape: tuple[int, ...]) -> Strongest:
    """A scan: the entries in boxes of 1, 3, 5, 9, … cells everywhere.

    Kulldorff (1997), doi:10.1080/03610929708831995.
    """
    found = Strongest(np.zeros(len(counts)), np.zeros(len(counts), int), np.zeros(len(counts), int))
    motions, share = (
        Boxes(drift.motions.T.reshape(len(drift.between), *shape)),
        Boxes(drift.share.reshape(1, *shape)),
    )
    # How each motion and the share fill the boxes is the same for all histograms.
    fixed = {half: (motions.within(half) ** 2, share.within(half)) for half in halves(shape)}
    for rows, block, usual in rows_at_once(counts, expected):
        inside, wanted = (Boxes(part.reshape(len(block), *shape)) for part in (block, usual.counts))
        for half, (tied, part) in fixed.items():
            loose = usual.loose[:, None] * part + usual.tied @ tied
            # A box that holds nearly everything cannot stray: the total is given.
            sigma = signed_sigma(inside.within(half), wanted.within(half), loose) / np.sqrt(
                np.clip(1 - part, 0.05, 1)
            )
            cell = np.abs(sigma).argmax(axis=1)
            _keep(found, rows, sigma[np.arange(len(block)), cell], cell, half)
    return found


def _keep(found: Strongest, rows: slice, sigma: np.ndarray, cell: np.ndarray, half: int) -> None:
    better = np.abs(sigma) > np.abs(found.sigma[rows])
    for part, new in zip(found, (sigma, cell, np.full(len(sigma), half)), strict=True):
        part[rows] = np.where(better, new, part[rows])


def move_weights(share: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(cells, moves): the log-likelihood ratio of an entry in each cell, for each move along each axis."""
    columns = []
    for axis in range(len(shape)):
        for by, factor in MOVES:
            for sign in (1, -1):
                after = moved(share, shape, axis, sign * by, factor**sign)
                columns.append(np.log((after + LEAST_SHARE * share) / ((1 + LEAST_SHARE) * share)))
    return np.clip(np.stack(columns, axis=1), -WEIGHT, WEIGHT)


def largest_move(counts: np.ndarray, expected: Expected, drift: Drift, weights: np.ndarray) -> np.ndarray:
    """Sigma (n,) of the move that fits best: the likelihood-ratio test of Neyman & Pearson for each of them."""
    found = np.empty(len(counts))
    tied = (drift.motions.T @ weights) ** 2
    own = drift.share @ weights**2 - (drift.share @ weights) ** 2
    for rows, block, usual in rows_at_once(counts, expected):
        totals = usual.counts.sum(axis=1)[:, None]
        mean = usual.counts @ weights
        variance = (
            usual.counts @ weights**2 - mean**2 / totals + usual.loose[:, None] * own + usual.tied @ tied
        )
        scaled = block.sum(axis=1)[:, None] / totals
        found[rows] = ((block @ weights - scaled * mean) / np.sqrt(np.maximum(variance, 1e-9))).max(axis=1)
    return found


def scatter(counts: np.ndarray, expected: Expected, drift: Drift) -> np.ndarray:
    """Sigma (n,) of excess scatter from bin to bin, each bin weighted by what it would tell of it.

    The score test against factors of a common relative spread in every bin (Dean & Lawless 1989), its weights bounded
    at the spread that is just well visible. What a motion may explain is taken out first: its bins stray together.
    """
    found = np.empty(len(counts))
    for rows, block, usual in rows_at_once(counts, expected):
        rest, known = _beyond_motions(block, usual, drift)
        spread = STRONG * np.sqrt(2 / np.sum(usual.counts**2, axis=1, keepdims=True)) * usual.counts**2
        weight = spread / (known + spread)
        variance = np.sum(weight**2 * (2 + usual.counts / known**2), axis=1)
        total = weight.sum(axis=1)
        ratio = np.sum(weight * rest**2 / known, axis=1) / total
        found[rows] = wilson_hilferty(ratio, variance / total**2)
    return found


def _beyond_motions(block: np.ndarray, usual: Expected, drift: Drift) -> tuple[np.ndarray, np.ndarray]:
    """What is left of the deviations (n, cells) after the likeliest step along each motion, and its variance."""
    rest = block - usual.counts
    counting = (usual.counts.sum(axis=1) + usual.loose)[:, None]
    gain = usual.tied / np.maximum(usual.tied + counting, 1e-300)
    rest = rest - (gain * (rest @ (drift.motions / drift.share[:, None]))) @ drift.motions.T
    known = usual.counts + usual.loose[:, None] * drift.share - (gain * counting) @ drift.motions.T**2
    return rest, np.maximum(known, LEAST_SHARE * usual.counts)
