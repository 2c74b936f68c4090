"""Do two detectors say the same? Correlation of all ranks, overlap of the lists a person would read."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from detections.comparison.results import AsDict
from detections.metrics import Ordered, Scores


@dataclass(frozen=True)
class Agreement(AsDict):
    """``spearman`` and ``jaccard`` are matrices in the order of ``detectors``; NaN where a detector cannot be
    compared.

    ``listed`` is how many rows the top list of each detector holds: a tie that straddles place ``k`` is left
    out of it, so a constant detector has an empty list.
    """

    detectors: tuple[str, ...]
    k: int
    spearman: list[list[float]]
    jaccard: list[list[float]]
    listed: list[int]


def agreement(scores: Mapping[str, Scores], k: int = 100) -> Agreement:
    """How alike the rankings are; what a detector did not score (NaN) ranks below all it scored."""
    ranks = np.array([_ranks(Ordered.of(vector)) for vector in scores.values()])
    top = np.array([_top(row, k) for row in ranks])
    both = top.astype(np.int64) @ top.T.astype(np.int64)
    listed = top.sum(axis=1)
    either = listed[:, None] + listed[None, :] - both
    jaccard = np.where(either > 0, both / np.maximum(either, 1), np.nan)
    return Agreement(tuple(scores), k, _correlation(ranks).tolist(), jaccard.tolist(), listed.tolist())


def _ranks(scores: Ordered) -> np.ndarray:
    """1 for the lowest; ties share their mean rank."""
    sizes = scores.sizes()
    mean = len(scores) - np.cumsum(sizes) + (sizes + 1) / 2
    return np.asarray(mean[scores.place])


def _top(ranks: np.ndarray, k: int) -> np.ndarray:
    if k >= len(ranks):
        return np.ones(len(ranks), bool)
    kth = np.partition(ranks, len(ranks) - k)[len(ranks) - k]
    whole = np.count_nonzero(ranks >= kth) <= k
    return np.asarray(ranks >= kth if whole else ranks > kth)


def _correlation(ranks: np.ndarray) -> np.ndarray:
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    norm = np.sqrt((centred**2).sum(axis=1))
    products = norm[:, None] * norm[None, :]
    found = centred @ centred.T / np.where(products > 0, products, 1)
    return np.where(products > 0, np.clip(found, -1, 1), np.nan)
