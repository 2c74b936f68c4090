"""What the rows of a score file are. No Django."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

KEY, STEP, SCORE = "key", "step", "score"
LONGEST_KEY = 400
CHUNK_ROWS = 65_536
NOTHING = ("", "null", "none", "nan", "na")
"""What stands for a thing that was not scored, in any case of letters."""


class ScoreFileError(ValueError):
    """The file is not what it should be; one line that says where and why."""


class Rows(NamedTuple):
    """Some rows: ``first`` is the number of the first one, counted from 1 without the header.

    ``steps`` (n,) int64 are places in a light curve, -1 where the file has no such column; ``scores`` (n,) float64, NaN
    where nothing was scored. Infinite scores are passed on: who aligns them refuses them by key.
    """

    first: int
    keys: list[str]
    steps: np.ndarray
    scores: np.ndarray


def as_rows(first: int, keys: Sequence[Any], steps: Sequence[Any] | None, scores: Sequence[Any]) -> Rows:
    """Rows out of plain values; ScoreFileError names the row that is wrong."""
    for place, key in enumerate(keys):
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
            raise ScoreFileError(
                f"row {first + place}: key {key!r:.60} is not a text of 1 to {LONGEST_KEY} characters"
            )
    return Rows(first, list(keys), _whole(first, steps, len(keys)), _numbers(first, scores))


def _whole(first: int, steps: Sequence[Any] | None, n: int) -> np.ndarray:
    if steps is None:
        return np.full(n, -1)
    for place, step in enumerate(steps):
        if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step < 2**62:
            raise ScoreFileError(f"row {first + place}: step {step!r:.60} is not a whole number from 0")
    return np.array(steps, np.int64)


def _numbers(first: int, scores: Sequence[Any]) -> np.ndarray:
    try:
        return np.array([_number(score) for score in scores], np.float64)
    except (TypeError, ValueError, OverflowError):
        place = next(at for at, score in enumerate(scores) if not _is_number(score))
        raise ScoreFileError(f"row {first + place}: score {scores[place]!r:.60} is not a number") from None


def _number(score: Any) -> float:
    if score is None:
        return np.nan
    if isinstance(score, bool):
        raise TypeError(score)
    if isinstance(score, str):
        text = score.strip()
        if "_" in text:
            raise ValueError(score)
        return np.nan if text.lower() in NOTHING else float(text)
    return float(score)


def _is_number(score: Any) -> bool:
    try:
        _number(score)
    except (TypeError, ValueError, OverflowError):
        return False
    return True
