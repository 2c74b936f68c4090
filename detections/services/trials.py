"""Trials: one detector on one sample set, found when it was run before, else computed and written in one go."""

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction

import project
from detections import detectors
from detections.models import Detection, SampleSet, ScoreBlock, Trial
from detections.services import scoring, splitting
from detections.services.errors import told_to_the_user
from detections.services.flagging import detections_of, threshold_for
from detections.services.opened import Desk, Opened
from detections.services.scoring import LeftOut, Scored, score_parts
from detections.services.splitting import TRANSDUCTIVE
from project.errors import UserError
from project.jobs.reporter import Reporter

TOP = 1_000
BINS = 60
ALARM_FRACTION = 0.001


LIBRARIES = ("numpy", "scipy", "scikit-learn", "pyod")


@cache
def code_version(detector: type[detectors.Detector]) -> str:
    """The version of Lumisift and a hash of what a score comes from: new code is another trial.

    That is the source of all detectors here, of the module the detector is in, of splitting and scoring, and the
    versions of the libraries that compute.
    """
    own = sys.modules[detector.__module__].__file__ or ""
    sources = {
        *Path(detectors.__file__).parent.glob("*.py"),
        Path(splitting.__file__),
        Path(scoring.__file__),
        Path(own),
    }
    digest = hashlib.sha256(" ".join(version(library) for library in LIBRARIES).encode())
    for path in sorted(sources, key=lambda path: path.name):
        digest.update(path.read_bytes())
    return f"{project.__version__}+{digest.hexdigest()[:10]}"


def run_trial(  # noqa: PLR0913  keyword-only choices of the one who calls
    sample_set: SampleSet,
    detector: str,
    params: dict[str, Any] | None = None,
    *,
    seed: int = 0,
    transductive: bool = False,
    alarm_fraction: float = ALARM_FRACTION,
    force: bool = False,
    desk: Desk | None = None,
    owner: Any = None,
    job_id: int | None = None,
    reporter: Reporter | None = None,
) -> tuple[Trial, bool]:
    """Score ``sample_set`` with ``detector``; returns the trial and whether it was computed now.

    The same inputs give the same trial: it is found, unless ``force`` computes it again. ``alarm_fraction`` of the
    scored things become detections (10 to 1,000 of them); it can be changed afterwards and is no input. Give a ``desk``
    to run several detectors without reading the set again.
    """
    reporter = reporter or Reporter()
    if not 0 <= alarm_fraction <= 1:
        raise UserError(f"the alarm fraction is between 0 and 1, not {alarm_fraction}")
    with told_to_the_user():
        prototype = _made(detector, params or {}, seed)
    split = TRANSDUCTIVE if transductive or prototype.transductive else sample_set.split
    inputs = _inputs(sample_set, prototype, seed, split)
    found = Trial.objects.filter(inputs=inputs).first()
    if found and not force:
        return found, False
    reporter.update(0.0, f"opening {sample_set.name}")
    data = (desk or Desk()).get(sample_set)
    trial = found or Trial(inputs=inputs)
    trial.sample_set, trial.detector, trial.params = sample_set, detector, _plain(prototype.get_params())
    trial.seed, trial.code_version = seed, code_version(type(prototype))
    trial.owner, trial.job_id = owner, job_id
    trial.transductive, trial.offline = split == TRANSDUCTIVE, prototype.offline
    try:
        with told_to_the_user():
            scored = score_parts(data.parts, split, prototype.clone, reporter)
    except LeftOut as error:
        return _leave_out(trial, str(error)), True
    reporter.update(0.92, "writing scores and detections")
    try:
        _write(trial, data, scored, alarm_fraction)
    except IntegrityError:
        # Somebody else ran the same trial meanwhile and was first; theirs is ours.
        return Trial.objects.get(inputs=inputs), False
    return trial, True


def _made(name: str, params: dict[str, Any], seed: int) -> detectors.Detector:
    accepts_seed = "seed" in detectors.get_detector(name).parameters()
    return detectors.make(name, **({"seed": seed, **params} if accepts_seed else params))


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(params, default=str))
    return plain


def _inputs(sample_set: SampleSet, prototype: detectors.Detector, seed: int, split: str) -> str:
    what = [
        sample_set.hash,
        prototype.name,
        _plain(prototype.get_params()),
        seed,
        code_version(type(prototype)),
        split,
    ]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def _leave_out(trial: Trial, reason: str) -> Trial:
    trial.state, trial.reason = Trial.State.LEFT_OUT, reason[:500]
    trial.fit_seconds = trial.score_seconds = 0.0
    trial.n_scored, trial.not_scored, trial.fitted_on = 0, {}, {}
    trial.threshold, trial.top, trial.histogram = None, [], {}
    with transaction.atomic():
        trial.save()
        trial.blocks.all().delete()
        trial.detections.all().delete()
    return trial


def _write(trial: Trial, opened: Opened, scored: Scored, alarm_fraction: float) -> None:
    """The whole trial in one transaction: nobody sees scores without their summary, or half of them."""
    scores = scored.scores
    finite = scores[np.isfinite(scores)]
    trial.state, trial.reason = Trial.State.DONE, ""
    trial.fit_seconds, trial.score_seconds = scored.fit_seconds, scored.score_seconds
    trial.n_scored, trial.not_scored = len(finite), scored.not_scored
    trial.fitted_on = {
        "rounds": [{"part": one.part, "n": one.n_fit, "keys": one.fitted} for one in scored.rounds]
    }
    trial.threshold = threshold_for(finite, alarm_fraction)
    order = highest(scores, TOP)
    trial.top = [[int(position), float(scores[position])] for position in order]
    trial.histogram = _histogram(finite)
    flagged = detections_of(trial, opened, scored, order)
    with transaction.atomic():
        trial.save()
        trial.blocks.all().delete()
        trial.detections.all().delete()
        ScoreBlock.objects.bulk_create(_blocks(trial, scores), batch_size=50)
        Detection.objects.bulk_create(flagged, batch_size=500)


def highest(scores: np.ndarray, n: int) -> np.ndarray:
    """Places of the ``n`` highest finite scores, highest first; equal ones in the order they stand in."""
    places = np.flatnonzero(np.isfinite(scores))
    if len(places) > n:
        edge = np.partition(scores[places], len(places) - n)[len(places) - n]
        places = places[scores[places] >= edge]
    return places[np.argsort(-scores[places], kind="stable")][:n]


def _blocks(trial: Trial, scores: np.ndarray) -> list[ScoreBlock]:
    blocks = []
    for number, start in enumerate(range(0, len(scores), ScoreBlock.SIZE)):
        block = scores[start : start + ScoreBlock.SIZE]
        maximum = float(np.nanmax(block)) if np.isfinite(block).any() else None
        blocks.append(ScoreBlock(trial=trial, number=number, maximum=maximum, scores=block))
    return blocks


def _histogram(finite: np.ndarray) -> dict[str, list[float]]:
    if not len(finite):
        return {}
    low, high = float(finite.min()), float(finite.max())
    if high - low <= BINS * np.spacing(max(abs(low), abs(high))):
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(finite, bins=BINS, range=(low, high))
    return {"counts": counts.tolist(), "edges": edges.tolist()}
