"""Fitting and scoring over the parts and rounds of a set: what a trial computes. Arrays in, arrays out."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from detections.detectors import Detector
from detections.detectors.scorable import WHY_NOT
from detections.services.shared import Shared
from detections.services.splitting import rounds
from project.compute import at_once, run_batches
from project.jobs.reporter import Reporter
from project.samples import FIT, SCORE, Samples, score_index


class LeftOut(Exception):
    """The detector says why it is not to be run on these samples."""


@dataclass
class Round:
    """One fit and the scores it gave: ``at`` are places in the score vector of the part.

    Seconds are what the detector costs by itself: what other detectors left for it counts as if it had done it.
    """

    part: int
    detector: Detector
    at: np.ndarray
    scores: np.ndarray
    n_fit: int
    fitted: str
    fit_seconds: float
    score_seconds: float


@dataclass
class Scored:
    """The score vector of a trial with what it cost and what it was fitted on."""

    scores: np.ndarray
    rounds: list[Round] = field(default_factory=list)
    not_scored: dict[str, int] = field(default_factory=dict)

    @property
    def fit_seconds(self) -> float:
        return sum(one.fit_seconds for one in self.rounds)

    @property
    def score_seconds(self) -> float:
        return sum(one.score_seconds for one in self.rounds)


@dataclass(frozen=True)
class Work:
    """One round of a part: the rows to fit on and those to score."""

    part: int
    name: tuple[str, int, int]
    """Split, part, and which of its rounds: the same for every detector."""
    fit: np.ndarray
    score: np.ndarray


def score_parts(
    parts: list[Samples],
    split: str,
    make: Callable[[], Detector],
    reporter: Reporter,
    shared: Shared | None = None,
) -> Scored:
    """Fit and score every part in every round of its split. Raises LeftOut when the detector declines.

    ``shared`` is what the detectors have in common that run on the same parts one after the other.
    """
    work = [
        Work(number, (split, number, turn), *rows)
        for number, part in enumerate(parts)
        for turn, rows in enumerate(rounds(part, split))
    ]
    for item in work:
        _ask(make(), parts[item.part], item.fit, item.score)
    starts = np.concatenate([[0], np.cumsum([part.n_scores for part in parts])])
    scored = Scored(np.full(starts[-1], np.nan))
    step = at_once()
    for done in range(0, len(work), step):
        reporter.update(0.9 * done / len(work), "fitting and scoring", rounds=len(work))
        batch = work[done : done + step]
        for one in run_batches(
            lambda item: _round(parts[item.part], item, make(), shared or Shared(0)), batch
        ):
            scored.scores[starts[one.part] + one.at] = one.scores
            scored.rounds.append(one)
    _count_not_scored(parts, starts, scored)
    return scored


def _ask(detector: Detector, part: Samples, fit: np.ndarray, score: np.ndarray) -> None:
    roles = np.where(fit, FIT, 0) | np.where(score, SCORE, 0)
    reason = detector.refuses(replace(part, roles=roles.astype(np.uint8)))
    if reason:
        raise LeftOut(reason)


def _round(part: Samples, item: Work, detector: Detector, shared: Shared) -> Round:
    fit = shared.taken((*item.name, "fit"), lambda: _without_roles(part.take(item.fit)))
    score = shared.taken((*item.name, "score"), lambda: _without_roles(part.take(item.score)))
    began = shared.room.clock()
    detector.fit(fit)
    fitted = shared.room.clock()
    scores = detector.score(score)
    ended = shared.room.clock()
    keys = fit.notes.once("keys", lambda: _hash_of(fit.ids))
    at = score_index(part, item.score)
    return Round(item.part, detector, at, scores, len(fit), keys, fitted - began, ended - fitted)


def _hash_of(ids: np.ndarray) -> str:
    return hashlib.sha256("\n".join(ids.tolist()).encode()).hexdigest()[:16]


def _without_roles(samples: Any) -> Any:
    """Roles and folds tell which rows were injected; a detector must not see them."""
    n = len(samples)
    return replace(samples, roles=np.full(n, FIT | SCORE), folds=np.zeros(n, np.int16))


def _count_not_scored(parts: list[Samples], starts: np.ndarray, scored: Scored) -> None:
    """Every score that is missing has a reason: it was only fitted on, or the detector could not score it."""
    for number, part in enumerate(parts):
        own = scored.scores[starts[number] : starts[number + 1]]
        asked = np.zeros(part.n_scores, bool)
        asked[score_index(part, (part.roles & SCORE) > 0)] = True
        reasons = {
            "only fitted on": int((~asked).sum()),
            WHY_NOT[part.kind]: int((asked & np.isnan(own)).sum()),
        }
        for reason, count in reasons.items():
            if count:
                scored.not_scored[reason] = scored.not_scored.get(reason, 0) + count


def reasons_at(parts: list[Samples], scored: Scored, positions: np.ndarray) -> list[list[dict[str, Any]]]:
    """What drives the scores at these places of the score vector, from the detector that gave each of them."""
    starts = np.concatenate([[0], np.cumsum([part.n_scores for part in parts])])
    found: dict[int, list[dict[str, Any]]] = {}
    for one in scored.rounds:
        here = positions[np.isin(positions - starts[one.part], one.at) & _inside(positions, starts, one.part)]
        if len(here):
            reasons = one.detector.reasons(_without_roles(parts[one.part]), here - starts[one.part])
            found |= dict(zip(here.tolist(), reasons, strict=True))
    return [found.get(position, []) for position in positions.tolist()]


def _inside(positions: np.ndarray, starts: np.ndarray, part: int) -> np.ndarray:
    return (positions >= starts[part]) & (positions < starts[part + 1])
