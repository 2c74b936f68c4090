"""What a trial is called where it stands beside others."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from detections.models import Trial


def label_of(trial: Trial) -> str:
    """The detector, with the parameters that are not its defaults and the seed where it is not 0.

    Of scores from outside, the model with its revision: ``outside.autoencoder@v1.2``.
    """
    from detections.detectors import DetectorError, get_detector

    suffix = " (transductive)" if trial.transductive and trial.sample_set.split != "transductive" else ""
    if trial.outside:
        return f"{trial.detector}@{trial.code_version}{suffix}"
    try:
        defaults = {name: param.default for name, param in get_detector(trial.detector).parameters().items()}
    except DetectorError:
        defaults = {}
    given = {
        name: value for name, value in trial.params.items() if name != "seed" and defaults.get(name) != value
    }
    if trial.seed:
        given["seed"] = trial.seed
    words = ", ".join(f"{name}={value}" for name, value in sorted(given.items()))
    return f"{trial.detector}({words}){suffix}" if words else f"{trial.detector}{suffix}"


def names_of(trials: Iterable[Trial]) -> dict[int, str]:
    """By trial its label, with its number where two would have the same."""
    labels = {trial.pk: label_of(trial) for trial in trials}
    often = Counter(labels.values())
    return {pk: f"{label} #{pk}" if often[label] > 1 else label for pk, label in labels.items()}


def newest(trials: Iterable[Trial]) -> list[Trial]:
    """Of each detector with its parameters, and of each model from outside, the latest alone."""
    found: dict[str, Trial] = {}
    for trial in sorted(trials, key=lambda trial: trial.pk):
        found[trial.detector if trial.outside else label_of(trial)] = trial
    return list(found.values())


def origin_of(trial: Trial) -> dict[str, Any]:
    """Of scores from outside: the model, its revision, who sent them and when."""
    return {
        "model": trial.detector.partition(".")[2], "revision": trial.code_version,
        "who": trial.owner.get_username() if trial.owner else "", "when": trial.created.isoformat(),
    }  # fmt: skip
