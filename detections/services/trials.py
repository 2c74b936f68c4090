"""Trials: one detector on one sample set, found when it was run before, else computed and written in one go."""

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

import project
from detections import detectors
from detections.models import SampleSet, Trial
from detections.services import scoring, splitting
from detections.services.errors import told_to_the_user
from detections.services.flagging import detections_of
from detections.services.opened import Desk, Opened
from detections.services.scoring import LeftOut, Scored, score_parts
from detections.services.splitting import TRANSDUCTIVE
from detections.services.storing import store, summarise
from project.errors import UserError
from project.jobs.reporter import Reporter

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
    desk = desk or Desk()
    data = desk.get(sample_set)
    trial = found or Trial(inputs=inputs)
    trial.sample_set, trial.detector, trial.params = sample_set, detector, _plain(prototype.get_params())
    trial.seed, trial.code_version = seed, code_version(type(prototype))
    trial.owner, trial.job_id = owner, job_id
    trial.transductive, trial.offline = split == TRANSDUCTIVE, prototype.offline
    try:
        with told_to_the_user():
            scored = score_parts(data.parts, split, prototype.clone, reporter, desk.shared)
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
    trial.fit_seconds, trial.score_seconds = scored.fit_seconds, scored.score_seconds
    trial.not_scored = scored.not_scored
    trial.fitted_on = {
        "rounds": [{"part": one.part, "n": one.n_fit, "keys": one.fitted} for one in scored.rounds]
    }
    order = summarise(trial, scored.scores, alarm_fraction)
    store(trial, scored.scores, detections_of(trial, opened, scored, order))
