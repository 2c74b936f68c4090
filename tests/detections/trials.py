"""Trials made by hand: any scores of any keys, without running a detector."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from detections.models import SampleSet, ScoreBlock, Trial


def make_set(
    name: str,
    parent: SampleSet | None = None,
    *,
    keys: Sequence[str] = (),
    runs: Sequence[int] = (),
    experiment: str = "CMS",
) -> SampleSet:
    """A set of histograms of these keys (``CMS:5:1 element``); with a ``parent`` an injected copy of it."""
    keys = zlib.decompress(parent.keys).decode().splitlines() if parent else keys
    recipe = {"injection": {}} if parent else {"experiment": experiment, "runs": list(runs), "dataset": "d"}
    n = len(keys)
    return SampleSet.objects.create(
        name=name, hash=name, world="histograms", kind="histograms", recipe=recipe, split="holdout", parent=parent,
        n_samples=n, n_scores=n, n_groups=1, n_fit=0, n_score=n, groups=b"", roles=[], folds=[],
        keys=zlib.compress("\n".join(keys).encode()),
    )  # fmt: skip


def make_trial(
    sample_set: SampleSet,
    detector: str = "pca",
    scores: Sequence[float] = (),
    threshold: float | None = 7.0,
    version: str = "1",
) -> Trial:
    trial = Trial.objects.create(
        sample_set=sample_set, detector=detector, inputs=f"{sample_set.name}{detector}{version}", threshold=threshold,
        code_version=version,
    )  # fmt: skip
    made: Any = np.array(scores if len(scores) else [np.nan] * sample_set.n_scores)
    ScoreBlock.objects.create(trial=trial, number=0, maximum=9, scores=made)
    return trial
